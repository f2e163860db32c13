//! The command line of a service, and what comes of it.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::layers::file_variable;
use super::{ServiceSettings, SettingsError, Sources, load};

/// What the command line asks for.
#[derive(Debug)]
pub enum Started<S> {
    /// Run with these settings.
    Run(S),
    /// Print this on stdout and end well.
    Print(String),
}

/// Reads the command line, the file it names, and the process's environment. `--help`, `--version` and a wrong flag end
/// the process, as they do everywhere; a wrong flag with the exit code of wrong settings.
///
/// # Errors
/// One sentence about the setting that is wrong.
pub fn from_process<S: ServiceSettings>(version: &'static str) -> Result<Started<S>, SettingsError> {
    let matches = command(S::SERVICE, version).get_matches();
    // Variables that are not Unicode are not ours: our names and values are.
    let unicode = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    let variables: BTreeMap<String, String> = env::vars_os().filter_map(unicode).collect();
    started(&matches, variables)
}

fn started<S: ServiceSettings>(
    matches: &ArgMatches,
    variables: BTreeMap<String, String>,
) -> Result<Started<S>, SettingsError> {
    let named = variables.get(&file_variable(S::SERVICE)).filter(|path| !path.is_empty()).map(PathBuf::from);
    let file = matches.get_one::<PathBuf>("config").cloned().or(named);
    let loaded = load::<S>(&Sources { file, variables, pairs: Vec::new() })?;
    Ok(if matches.get_flag("print-config") {
        Started::Print(loaded.print())
    } else {
        Started::Run(loaded.into_settings())
    })
}

fn command(service: &'static str, version: &'static str) -> Command {
    let variable = file_variable(service);
    Command::new(service)
        .version(version)
        .after_help("Every setting is described in docs/configuration.md.")
        .arg(Arg::new("config").long("config").value_name("FILE").value_parser(value_parser!(PathBuf)).help(format!(
            "A TOML file with settings, over the embedded defaults and under the environment [also: {variable}]"
        )))
        .arg(
            Arg::new("print-config")
                .long("print-config")
                .action(ArgAction::SetTrue)
                .help("Print the settings in effect as TOML, secrets masked, and end"),
        )
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn the_command_line_is_well_formed() {
        command("accounts", "1.0.0").debug_assert();
    }
}
