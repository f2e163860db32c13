//! From a write to its being readable in another service's copy: the real write path, the real topic, the real
//! projection, all in this process, each with its own database.
//!
//! A few of the writes are followed, by asking the copy for the version until it is there: often enough for a
//! percentile, seldom enough not to be a load of its own. One caller leaves the machine idle, and the copy is asked again
//! at once; with more, it is asked every millisecond, because a loop without a pause would take one of two cores.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use local_stack::Servers;
use mongodb::Database;
use serde::{Deserialize, Serialize};
use service_kit::{
    projection::{CopyProjection, CopyReader, Projection, ProjectionParts, ProjectionSettings, Rejected, add_copy},
    supervisor::{Outcome, Stop, Supervisor},
};
use shared_events::{
    customer::{Address, Contact, CustomerChange, Name, Status},
    envelope::Event,
    time::Timestamp,
    topic::{CUSTOMER_CHANGE, TopicSpec},
};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::{
    load::{self, Load, milliseconds_since},
    settings,
    write_path::{DOCUMENTS_PER_CALLER, Ours},
};

/// Between two writes that are followed.
const EVERY: Duration = Duration::from_millis(20);
/// How long a write may take to be seen.
const LIMIT: Duration = Duration::from_secs(30);
/// Between two questions, where there are several callers.
const PAUSE: Duration = Duration::from_millis(1);

/// How long writes took to be readable in the copy. Milliseconds, sorted.
#[derive(Debug, Default)]
pub(crate) struct Visible {
    /// Writes per second while it was measured.
    pub(crate) per_second: f64,
    /// From the command.
    pub(crate) since_command_ms: Vec<f64>,
    /// From the command's answer.
    pub(crate) since_answer_ms: Vec<f64>,
}

/// What orders keeps of a customer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    name: Name,
    contact: Contact,
    addresses: Vec<Address>,
    status: Status,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Copied;

impl Projection for Copied {
    const NAME: &'static str = "customers";
    const TOPIC: TopicSpec = CUSTOMER_CHANGE;
    const AGGREGATE: &'static str = "customer";
    type Data = CustomerChange;
}

impl CopyProjection for Copied {
    type View = View;

    fn project(event: Event<CustomerChange>) -> Result<View, Rejected> {
        let customer = event.data.customer;
        Ok(View {
            name: customer.name,
            contact: customer.contact,
            addresses: customer.addresses,
            status: customer.status,
            created_at: customer.created_at,
            updated_at: customer.updated_at,
            deleted_at: customer.deleted_at,
        })
    }
}

/// A copy that is kept current.
struct Copy {
    reader: CopyReader<Copied>,
    database: Database,
    stop: Stop,
    task: JoinHandle<Outcome>,
}

impl Copy {
    async fn start(servers: &Servers, prefix: &str) -> anyhow::Result<Self> {
        let database = settings::database(servers, format!("{prefix}copy")).await?;
        let parts = ProjectionParts {
            service: "bench",
            database: database.clone(),
            kafka: settings::kafka(servers, prefix),
            settings: ProjectionSettings::default(),
        };
        let mut supervisor = Supervisor::new(Duration::from_secs(30));
        let reader = add_copy::<Copied>(&mut supervisor, &parts)?;
        let stop = Stop::new();
        let task = tokio::spawn(supervisor.run_until_stopped(stop.clone()));
        Ok(Self { reader, database, stop, task })
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.stop.ask();
        let outcome = self.task.await?;
        anyhow::ensure!(outcome.exit_code() == 0, "the copy ended badly: {outcome:?}");
        Ok(self.database.drop().await?)
    }
}

/// Updates at this load, some of them followed.
pub(crate) async fn measure(servers: &Servers, load: Load) -> anyhow::Result<Visible> {
    let prefix = local_stack::random_prefix();
    let ours = Ours::start(servers, &prefix).await?;
    let copy = Copy::start(servers, &prefix).await?;
    let (updater, bases) = (ours.updater(), ours.bases(load.callers).await?);
    for caller in 0..load.callers {
        until_visible(&copy.reader, &format!("u{caller}-{}", DOCUMENTS_PER_CALLER - 1), 1, Some(PAUSE)).await?;
    }
    let (follower, followed) = Follower::new(copy.reader.clone(), (load.callers > 1).then_some(PAUSE));
    let outcome = load::run(load, move |caller, number| {
        let (updater, bases, follower) = (updater.clone(), Arc::clone(&bases), follower.clone());
        async move {
            let begun = Instant::now();
            let (id, version) = updater.update(&bases, caller, number).await?;
            follower.follow_if_free(Write { id, version, begun, answered: Instant::now() });
            Ok(())
        }
    })
    .await?;
    let mut visible = followed.await??;
    copy.stop().await?;
    ours.stop().await?;
    visible.per_second = outcome.per_second;
    visible.since_command_ms.sort_by(f64::total_cmp);
    visible.since_answer_ms.sort_by(f64::total_cmp);
    Ok(visible)
}

struct Write {
    id: String,
    version: u64,
    begun: Instant,
    answered: Instant,
}

/// Follows one write at a time. While it is busy, or resting, writes are not followed.
#[derive(Clone)]
struct Follower(mpsc::Sender<Write>);

impl Follower {
    fn new(reader: CopyReader<Copied>, pause: Option<Duration>) -> (Self, JoinHandle<anyhow::Result<Visible>>) {
        let (sender, mut writes) = mpsc::channel::<Write>(1);
        let task = tokio::spawn(async move {
            let mut visible = Visible::default();
            while let Some(write) = writes.recv().await {
                until_visible(&reader, &write.id, write.version, pause).await?;
                visible.since_command_ms.push(milliseconds_since(write.begun));
                visible.since_answer_ms.push(milliseconds_since(write.answered));
                tokio::time::sleep(EVERY).await;
                // What came in meanwhile is older than the rest: its moment has passed unseen.
                while writes.try_recv().is_ok() {}
            }
            Ok(visible)
        });
        (Self(sender), task)
    }

    fn follow_if_free(&self, write: Write) {
        drop(self.0.try_send(write));
    }
}

async fn until_visible(
    reader: &CopyReader<Copied>,
    id: &str,
    version: u64,
    pause: Option<Duration>,
) -> anyhow::Result<()> {
    let begun = Instant::now();
    while reader.version(id).await? < Some(version) {
        anyhow::ensure!(begun.elapsed() < LIMIT, "{id} never reached version {version} in the copy");
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }
    Ok(())
}
