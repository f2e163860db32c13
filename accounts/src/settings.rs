//! The settings of accounts: one section per concern, each owned by the module that it configures.

use serde::{Deserialize, Serialize};
use service_kit::application::{Common, CommonSettings};
use service_kit::http::settings::HttpSettings;
use service_kit::kafka::KafkaSettings;
use service_kit::mongo::MongoSettings;
use service_kit::settings::{Fault, ServiceSettings};
use service_kit::supervisor::StopSettings;
use service_kit::telemetry::TelemetrySettings;
use service_kit::write_path::WritePathSettings;

/// Everything that can be set; `docs/configuration.md` is the page for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The two ports.
    pub http: HttpSettings,
    /// The service's own database.
    pub mongo: MongoSettings,
    /// The event store.
    pub kafka: KafkaSettings,
    /// How commits are grouped, published and swept.
    pub write_path: WritePathSettings,
    /// How long a stop may take.
    pub stop: StopSettings,
    /// The log.
    pub telemetry: TelemetrySettings,
}

impl ServiceSettings for Settings {
    const SERVICE: &'static str = "accounts";
    const DEFAULTS: &'static str = include_str!("../config/default.toml");

    fn validate(&self) -> Result<(), Fault> {
        self.common().validate()?;
        Ok(self.write_path.validate()?)
    }
}

impl CommonSettings for Settings {
    fn common(&self) -> Common<'_> {
        let Self { http, mongo, kafka, stop, telemetry, .. } = self;
        Common { http, mongo, kafka, stop, telemetry }
    }
}

#[cfg(test)]
mod tests {
    use service_kit::http::settings::HttpSettings;
    use service_kit::settings::{compare_with_page, from_pairs};
    use service_kit::write_path::WritePathSettings;

    use super::Settings;

    #[test]
    fn the_page_and_the_settings_agree() {
        let page = include_str!("../../docs/configuration.md");
        assert_eq!(compare_with_page::<Settings>(page), Vec::<String>::new());
    }

    #[test]
    fn the_embedded_defaults_are_those_of_the_sections() {
        let settings: Settings = from_pairs([("http.host", "127.0.0.1")]).unwrap();
        assert_eq!((settings.http, settings.write_path), (HttpSettings::default(), WritePathSettings::default()));
    }

    #[test]
    fn a_record_that_the_topic_would_refuse_cannot_be_allowed() {
        let error = from_pairs::<Settings, _, _>([("write_path.max_record_bytes", "1000001")]).unwrap_err();
        assert!(error.to_string().contains("write_path.max_record_bytes"), "{error}");
    }

    #[test]
    fn a_stop_whose_parts_do_not_fit_is_refused() {
        let error = from_pairs::<Settings, _, _>([("stop.deadline_ms", "20000")]).unwrap_err();
        assert!(error.to_string().contains("stop.deadline_ms must be greater"), "{error}");
    }
}
