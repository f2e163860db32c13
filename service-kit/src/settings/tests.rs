//! Each fault is one sentence that names the key, where it came from, and what to do.

use std::collections::BTreeMap;
use std::io::Write;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::{
    Fault, Loaded, Secret, ServiceSettings, SettingsError, Sources, compare_with_page, from_pairs, load, require,
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Demo {
    http: Http,
    store: Store,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Http {
    port: u16,
    verbose: bool,
    share: f64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Store {
    uri: Secret,
    uri_file: String,
    mode: Mode,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Create,
    Verify,
}

impl ServiceSettings for Demo {
    const SERVICE: &'static str = "demo";
    const DEFAULTS: &'static str = "
        [http]
        port = 8080
        verbose = false
        share = 0.5
        [store]
        uri = \"somewhere\"
        uri_file = \"\"
        mode = \"create\"
    ";

    fn validate(&self) -> Result<(), Fault> {
        require(self.http.port != 1, "http.port", "must not be 1")
    }
}

fn file(toml: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(toml.as_bytes()).unwrap();
    file
}

fn with_file(toml: &str, variables: &[(&str, &str)]) -> Result<Loaded<Demo>, SettingsError> {
    let file = file(toml);
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    load(&Sources { file: Some(file.path().to_owned()), variables, pairs: Vec::new() })
}

fn with_variable(name: &str, value: &str) -> Result<Demo, String> {
    let variables = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    load(&Sources { variables, ..Sources::default() }).map(Loaded::into_settings).map_err(|error| error.to_string())
}

#[test]
fn the_environment_is_over_the_file_and_the_file_over_the_defaults() {
    let loaded =
        with_file("[http]\nport = 1000\nverbose = true\n", &[("DEMO__HTTP__PORT", "2000"), ("OTHER__X", "1")]).unwrap();
    let http = loaded.into_settings().http;
    assert_eq!((http.port, http.verbose, http.share), (2000, true, 0.5));
}

#[test]
fn an_unknown_variable_is_refused_with_the_nearest_one() {
    assert_eq!(
        with_variable("DEMO__HTTP__PROT", "1").unwrap_err(),
        "there is no setting http.prot (the environment variable DEMO__HTTP__PROT): did you mean DEMO__HTTP__PORT?"
    );
    assert_eq!(
        with_variable("DEMO__SOMETHING__ELSE", "1").unwrap_err(),
        "there is no setting something.else (the environment variable DEMO__SOMETHING__ELSE): --print-config lists them all"
    );
}

#[test]
fn an_unknown_key_of_a_file_is_refused_with_the_nearest_one() {
    let error = with_file("[http]\nports = 1\n", &[]).unwrap_err().to_string();
    assert!(error.starts_with("there is no setting http.ports in /"), "{error}");
    assert!(error.ends_with(": did you mean http.port?"), "{error}");
}

#[test]
fn a_wrong_type_names_key_place_and_type_but_not_the_value() {
    assert_eq!(
        with_variable("DEMO__HTTP__PORT", "hunter2").unwrap_err(),
        "http.port (from DEMO__HTTP__PORT) must be a whole number: correct it there"
    );
    let error = with_file("[http]\nverbose = \"yes\"\n", &[]).unwrap_err().to_string();
    assert!(
        error.starts_with("http.verbose (from /") && error.ends_with(") must be true or false: correct it there"),
        "{error}"
    );
}

#[test]
fn a_value_out_of_range_names_key_and_place() {
    let error = with_variable("DEMO__HTTP__PORT", "70000").unwrap_err();
    assert_eq!(error, "http.port (from DEMO__HTTP__PORT) cannot be used: invalid value: integer `70000`, expected u16");
    let error = with_variable("DEMO__HTTP__PORT", "1").unwrap_err();
    assert_eq!(error, "http.port (from DEMO__HTTP__PORT) must not be 1");
}

#[test]
fn a_wrong_choice_lists_the_right_ones() {
    let error = with_variable("DEMO__STORE__MODE", "destroy").unwrap_err();
    assert_eq!(
        error,
        "store.mode (from DEMO__STORE__MODE) cannot be used: unknown variant `destroy`, expected `create` or `verify`"
    );
}

#[test]
fn a_file_that_is_missing_or_not_toml_is_one_sentence() {
    let missing =
        load::<Demo>(&Sources { file: Some("/no/such/file".into()), ..Sources::default() }).unwrap_err().to_string();
    assert!(missing.contains("/no/such/file cannot be read"), "{missing}");
    let broken = with_file("[http\nport", &[]).unwrap_err().to_string();
    assert!(broken.contains("is not TOML") && !broken.contains('\n'), "{broken}");
}

#[test]
fn a_secret_is_read_from_the_file_that_is_named_and_never_shown() {
    let secret = file("mongodb://me:hunter2@host\n");
    let loaded = load::<Demo>(&Sources {
        pairs: vec![("store.uri_file".to_owned(), secret.path().display().to_string())],
        ..Sources::default()
    })
    .unwrap();
    let shown = format!("{}{loaded:?}", loaded.print());
    assert!(!shown.contains("hunter2") && shown.contains("uri = \"***\""), "{shown}");
    assert_eq!(loaded.into_settings().store.uri.expose(), "mongodb://me:hunter2@host");
}

#[test]
fn what_is_printed_can_be_loaded_and_says_where_it_came_from() {
    let settings = [("http.port".to_owned(), "9".to_owned())].to_vec();
    let printed = load::<Demo>(&Sources { pairs: settings, ..Sources::default() }).unwrap().print();
    assert!(
        printed.contains("port = 9 # http.port") && printed.contains("share = 0.5 # the embedded defaults"),
        "{printed}"
    );
    assert_eq!(with_file(&printed, &[]).unwrap().into_settings().http.port, 9);
}

#[test]
fn tests_set_keys_without_an_environment() {
    let demo: Demo = from_pairs([("http.port", "0"), ("store.mode", "verify")]).unwrap();
    assert_eq!((demo.http.port, demo.store.mode), (0, Mode::Verify));
    assert!(from_pairs::<Demo, _, _>([("http.prt", "0")]).is_err());
}

#[test]
fn the_page_is_compared_both_ways() {
    let page = "
| `http.port` | `DEMO__HTTP__PORT`, `OTHER__HTTP__PORT` | port | demo `8080`, other `1` | |
| `http.verbose` | `DEMO__HTTP__VERBOSE` | | `true` | |
| `http.gone` | `DEMO__HTTP__GONE` | | `1` | |
| `store.uri` | `DEMO__STORE__URI` | | `somewhere` | |
| `store.uri_file` | `DEMO__STORE__URI_FILE` | | `` | |
| `store.mode` | `DEMO__STORE__MODE` | | `create` | |
| `other.key` | `OTHER__OTHER__KEY` | | `1` | |
";
    assert_eq!(
        compare_with_page::<Demo>(page),
        [
            "http.share is not on the page (with DEMO__HTTP__SHARE)",
            "http.verbose: the page says `true`, the default is `false`",
            "http.gone is on the page only",
        ]
    );
}

#[test]
fn a_member_that_nobody_could_set_is_found() {
    #[derive(Serialize, Deserialize)]
    struct Forgetful {
        http: Section,
    }
    #[derive(Serialize, Deserialize)]
    struct Section {
        port: u16,
        #[serde(default)]
        forgotten: u16,
    }
    impl ServiceSettings for Forgetful {
        const SERVICE: &'static str = "demo";
        const DEFAULTS: &'static str = "[http]\nport = 1\n";

        fn validate(&self) -> Result<(), Fault> {
            Ok(())
        }
    }
    let page = "| `http.port` | `DEMO__HTTP__PORT` | | `1` | |";
    assert_eq!(compare_with_page::<Forgetful>(page), ["http.forgotten is missing from the embedded defaults"]);
}
