//! The servers of the stack: given ones as they are, the others started here.

use std::future::pending;

use super::{DataFolder, ServerOptions};
use crate::process::Guarded;
use crate::servers::kafka::KafkaProgram;
use crate::servers::programs::{self, Mongod};
use crate::servers::{Place, Started, given, kafka, mongodb};
use crate::{Progress, Servers};

/// Where a server comes from.
#[derive(Debug)]
pub(super) enum Source<P> {
    /// The address that the user's environment names.
    Given(String),
    /// A program to start, and its port.
    Program(P, u16),
}

/// What [`find`] has found.
#[derive(Debug)]
pub(super) struct Found {
    mongodb: Source<Mongod>,
    kafka: Source<KafkaProgram>,
}

/// Decides what is used, says so with the reason, and fetches what is to be fetched.
pub(super) async fn find(options: &ServerOptions, progress: Progress) -> anyhow::Result<Found> {
    let mongodb = match given::mongodb_uri() {
        Some(uri) => {
            given::ensure_mongodb_answers(&uri).await?;
            progress.say(&format!("MongoDB at {}, because MONGODB_URI names it", given::without_credentials(&uri)));
            Source::Given(uri)
        }
        None => {
            let mongod = programs::find_mongod(progress).await?;
            progress.say(&mongod.why);
            Source::Program(mongod, options.mongodb_port)
        }
    };
    let kafka = match given::kafka_brokers() {
        Some(brokers) => {
            given::ensure_kafka_answers(&brokers).await?;
            progress.say(&format!("Kafka at {brokers}, because KAFKA_BROKERS names it"));
            Source::Given(brokers)
        }
        None => {
            let program = programs::find_kafka(progress).await?;
            progress.say(&program.why);
            Source::Program(program, options.kafka_port)
        }
    };
    Ok(Found { mongodb, kafka })
}

/// Servers that answer.
#[derive(Debug)]
pub(super) struct StackServers {
    addresses: Servers,
    mongodb: Option<Guarded>,
    kafka: Option<Guarded>,
}

impl StackServers {
    /// Starts those that were not given, both at once.
    pub(super) async fn start(found: Found, data: &DataFolder, progress: Progress) -> anyhow::Result<Self> {
        let step = progress.step("Starting MongoDB and Kafka");
        let ((mongodb, mongodb_uri), (kafka, kafka_brokers)) =
            tokio::try_join!(start_mongodb(found.mongodb, data), start_kafka(found.kafka, data))?;
        step.done();
        Ok(Self { addresses: Servers { mongodb_uri, kafka_brokers }, mongodb, kafka })
    }

    pub(super) fn addresses(&self) -> &Servers {
        &self.addresses
    }

    /// False when it was given.
    pub(super) fn started_mongodb(&self) -> bool {
        self.mongodb.is_some()
    }

    /// Resolves with its last words when a server has ended that was started here.
    pub(super) async fn broken(&self) -> String {
        tokio::select! {
            last_words = end_of(self.mongodb.as_ref()) => last_words,
            last_words = end_of(self.kafka.as_ref()) => last_words,
        }
    }

    /// Kafka first: its clients are gone by now, and MongoDB's end is the quicker one.
    pub(super) async fn stop(self) {
        for server in [self.kafka, self.mongodb].into_iter().flatten() {
            server.stop().await;
        }
    }
}

async fn start_mongodb(source: Source<Mongod>, data: &DataFolder) -> anyhow::Result<(Option<Guarded>, String)> {
    match source {
        Source::Given(uri) => Ok((None, uri)),
        Source::Program(mongod, port) => {
            mongodb::start(&mongod, &place(data, "mongodb", port)).await.map(process_and_address)
        }
    }
}

async fn start_kafka(source: Source<KafkaProgram>, data: &DataFolder) -> anyhow::Result<(Option<Guarded>, String)> {
    match source {
        Source::Given(brokers) => Ok((None, brokers)),
        Source::Program(program, port) => {
            kafka::start(&program, &place(data, "kafka", port)).await.map(process_and_address)
        }
    }
}

fn place(data: &DataFolder, name: &str, port: u16) -> Place {
    let (folder, log) = (data.path().join(name), data.log(name));
    Place { data: folder, log, temporary: false, port: (port != 0).then_some(port), users: Some(data.services_lock()) }
}

fn process_and_address(started: Started) -> (Option<Guarded>, String) {
    (Some(started.process), started.address)
}

async fn end_of(process: Option<&Guarded>) -> String {
    match process {
        Some(process) => {
            process.ended().await;
            process.last_words()
        }
        None => pending().await,
    }
}
