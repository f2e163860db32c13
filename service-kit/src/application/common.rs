//! The sections that the settings of every service have.

use crate::http::settings::HttpSettings;
use crate::kafka::KafkaSettings;
use crate::mongo::MongoSettings;
use crate::settings::{Fault, ServiceSettings};
use crate::supervisor::StopSettings;
use crate::telemetry::TelemetrySettings;

/// Settings with the sections that a [`Foundation`](super::Foundation) is laid on.
pub trait CommonSettings: ServiceSettings {
    /// Those sections.
    fn common(&self) -> Common<'_>;
}

/// The sections that every service has.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// The two ports.
    pub http: &'a HttpSettings,
    /// The service's own database.
    pub mongo: &'a MongoSettings,
    /// The event store.
    pub kafka: &'a KafkaSettings,
    /// How long a stop may take.
    pub stop: &'a StopSettings,
    /// The log.
    pub telemetry: &'a TelemetrySettings,
}

impl Common<'_> {
    /// What the types cannot say.
    ///
    /// # Errors
    /// The first rule that is broken, with its key.
    pub fn validate(&self) -> Result<(), Fault> {
        self.http.validate()?;
        self.mongo.validate()?;
        self.kafka.validate()?;
        self.stop.validate(self.http)?;
        self.telemetry.validate()
    }
}
