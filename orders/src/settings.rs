//! The settings of orders: one section per concern, each owned by the module that it configures.

use serde::{Deserialize, Serialize};
use service_kit::application::{Common, CommonSettings};
use service_kit::http::settings::HttpSettings;
use service_kit::kafka::KafkaSettings;
use service_kit::mongo::MongoSettings;
use service_kit::projection::ProjectionSettings;
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
    /// How the copies are kept.
    pub projection: ProjectionSettings,
    /// How long a stop may take.
    pub stop: StopSettings,
    /// The log.
    pub telemetry: TelemetrySettings,
    /// What is allowed for the sake of sample data.
    pub samples: SampleSettings,
}

/// What is allowed for the sake of sample data. All of it is off in production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSettings {
    /// `true`: the body that places an order may say when that was, in `placedAt`. Default `false`: the member is unknown.
    /// On in production, whoever may place an order can move sales into other months.
    pub placed_at: bool,
}

impl ServiceSettings for Settings {
    const SERVICE: &'static str = "orders";
    const DEFAULTS: &'static str = include_str!("../config/default.toml");

    fn validate(&self) -> Result<(), Fault> {
        self.common().validate()?;
        self.write_path.validate()?;
        self.projection.validate()
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
    use service_kit::projection::ProjectionSettings;
    use service_kit::settings::{compare_with_page, from_pairs};
    use service_kit::write_path::WritePathSettings;

    use super::{SampleSettings, Settings};

    #[test]
    fn the_page_and_the_settings_agree() {
        let page = include_str!("../../docs/configuration.md");
        assert_eq!(compare_with_page::<Settings>(page), Vec::<String>::new());
    }

    #[test]
    fn the_embedded_defaults_are_those_of_the_sections() {
        let settings: Settings = from_pairs([("http.host", "127.0.0.1")]).unwrap();
        assert_eq!(
            (settings.projection, settings.write_path),
            (ProjectionSettings::default(), WritePathSettings::default())
        );
        assert_eq!(settings.samples, SampleSettings { placed_at: false });
        assert_eq!(settings.http, HttpSettings { port: 8085, operations_port: 8086, ..HttpSettings::default() });
    }
}
