//! From a write to its being readable in a view: a customer in orders' copy, an order in the sales reports. The real write
//! path, the real topic, the real projections, all in this process, each with its own database.
//!
//! A few of the writes are followed, by asking the view for the version until it is there: often enough for a
//! percentile, seldom enough not to be a load of its own. One caller leaves the machine idle, and the view is asked again
//! at once; with more, it is asked every millisecond, because a loop without a pause would take one of two cores.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use accounts::customer::event::CustomerAggregate;
use local_stack::Servers;
use mongodb::Database;
use orders::{
    customer_copy::projection::CustomerCopies, item_sales::projection::ItemSales, order::event::OrderAggregate,
};
use service_kit::{
    http::consistency::Versions,
    projection::{ProjectionParts, ProjectionSettings, add_accumulation, add_copy},
    supervisor::{Outcome, Stop, Supervisor},
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

/// How long writes took to be readable in the view. Milliseconds, sorted.
#[derive(Debug, Default)]
pub(crate) struct Visible {
    /// Writes per second while it was measured.
    pub(crate) per_second: f64,
    /// From the command.
    pub(crate) since_command_ms: Vec<f64>,
    /// From the command's answer.
    pub(crate) since_answer_ms: Vec<f64>,
}

/// A view that is kept current.
pub(crate) struct View {
    reader: Arc<dyn Versions>,
    database: Database,
    stop: Stop,
    task: JoinHandle<Outcome>,
}

impl View {
    /// Starts what `add` adds.
    pub(crate) async fn start<R: Versions>(
        servers: &Servers,
        prefix: &str,
        add: impl FnOnce(&mut Supervisor, &ProjectionParts) -> anyhow::Result<R>,
    ) -> anyhow::Result<Self> {
        let database = settings::database(servers, format!("{prefix}view")).await?;
        let parts = ProjectionParts {
            service: "bench",
            database: database.clone(),
            kafka: settings::kafka(servers, prefix),
            settings: ProjectionSettings::default(),
        };
        let mut supervisor = Supervisor::new(Duration::from_secs(30));
        let reader = Arc::new(add(&mut supervisor, &parts)?);
        let stop = Stop::new();
        let task = tokio::spawn(supervisor.run_until_stopped(stop.clone()));
        Ok(Self { reader, database, stop, task })
    }

    /// Waits until the view has this version.
    pub(crate) async fn has(&self, id: &str, version: u64) -> anyhow::Result<()> {
        until_visible(&*self.reader, id, version, Some(PAUSE)).await
    }

    /// Waits until one of the view's collections has so many documents.
    pub(crate) async fn counts(&self, collection: &str, documents: u64) -> anyhow::Result<()> {
        let collection = self.database.collection::<bson::Document>(collection);
        let begun = Instant::now();
        while collection.estimated_document_count().await? < documents {
            anyhow::ensure!(begun.elapsed() < 10 * LIMIT, "the view never had {documents} documents");
            tokio::time::sleep(10 * PAUSE).await;
        }
        Ok(())
    }

    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.ask();
        let outcome = self.task.await?;
        anyhow::ensure!(outcome.exit_code() == 0, "the view ended badly: {outcome:?}");
        Ok(self.database.drop().await?)
    }
}

/// Updates of customers at this load, some of them followed into orders' copy.
pub(crate) async fn copy(servers: &Servers, load: Load) -> anyhow::Result<Visible> {
    let prefix = local_stack::random_prefix();
    let ours = Ours::<CustomerAggregate>::start(servers, &prefix).await?;
    let view = View::start(servers, &prefix, add_copy::<CustomerCopies>).await?;
    let (updater, bases) = (ours.updater(), ours.bases(load.callers).await?);
    for caller in 0..load.callers {
        view.has(&format!("u{caller}-{}", DOCUMENTS_PER_CALLER - 1), 1).await?;
    }
    let write = move |caller, number| {
        let (updater, bases) = (updater.clone(), Arc::clone(&bases));
        async move { updater.update(&bases, caller, number).await }
    };
    let visible = follow(&view, load, write).await?;
    view.stop().await?;
    ours.stop().await?;
    Ok(visible)
}

/// Orders that are placed at this load, some of them followed into the sales reports.
pub(crate) async fn report(servers: &Servers, load: Load) -> anyhow::Result<Visible> {
    let prefix = local_stack::random_prefix();
    let ours = Ours::<OrderAggregate>::start(servers, &prefix).await?;
    let view = View::start(servers, &prefix, |all, parts| Ok(add_accumulation::<ItemSales>(all, parts))).await?;
    let updater = ours.updater();
    let (first, _) = updater.create(load.callers, 0).await?;
    view.has(&first, 1).await?;
    let write = move |caller, number| {
        let updater = updater.clone();
        async move { updater.create(caller, number).await }
    };
    let visible = follow(&view, load, write).await?;
    view.stop().await?;
    ours.stop().await?;
    Ok(visible)
}

async fn follow<F, W>(view: &View, load: Load, write: W) -> anyhow::Result<Visible>
where
    F: Future<Output = anyhow::Result<(String, u64)>> + Send + 'static,
    W: Fn(usize, usize) -> F + Clone + Send + Sync + 'static,
{
    let (follower, followed) = Follower::new(Arc::clone(&view.reader), (load.callers > 1).then_some(PAUSE));
    let outcome = load::run(load, move |caller, number| {
        let (write, follower) = (write.clone(), follower.clone());
        async move {
            let begun = Instant::now();
            let (id, version) = write(caller, number).await?;
            follower.follow_if_free(Write { id, version, begun, answered: Instant::now() });
            Ok(())
        }
    })
    .await?;
    let mut visible = followed.await??;
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
    fn new(reader: Arc<dyn Versions>, pause: Option<Duration>) -> (Self, JoinHandle<anyhow::Result<Visible>>) {
        let (sender, mut writes) = mpsc::channel::<Write>(1);
        let task = tokio::spawn(async move {
            let mut visible = Visible::default();
            while let Some(write) = writes.recv().await {
                until_visible(&*reader, &write.id, write.version, pause).await?;
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

async fn until_visible(reader: &dyn Versions, id: &str, version: u64, pause: Option<Duration>) -> anyhow::Result<()> {
    let begun = Instant::now();
    while reader.version_of(id).await? < Some(version) {
        anyhow::ensure!(begun.elapsed() < LIMIT, "{id} never reached version {version} in the view");
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
    }
    Ok(())
}
