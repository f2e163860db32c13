//! An instance of the service, as far as it counts sales.

use std::time::Duration;

use orders::item_sales::projection::ItemSales;
use orders::item_sales::view::Sales;
use service_kit::projection::{ProjectionParts, ProjectionSettings, add_accumulation};
use service_kit::supervisor::{Outcome, Stop, Supervisor};
use tokio::task::JoinHandle;

use crate::world::World;

const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Instance {
    pub(crate) sales: Sales,
    stop: Stop,
    task: JoinHandle<Outcome>,
}

impl Instance {
    /// Starts one that takes at most so many records in a transaction.
    pub(crate) fn start(world: &World, batch: usize) -> Self {
        let settings = ProjectionSettings { batch, ..ProjectionSettings::default() };
        let (database, kafka) = (world.database.clone(), world.kafka.clone());
        let parts = ProjectionParts { service: "orders", database, kafka, settings };
        let mut supervisor = Supervisor::new(Duration::from_secs(20));
        let sales = Sales::new(add_accumulation::<ItemSales>(&mut supervisor, &parts));
        let stop = Stop::new();
        let task = tokio::spawn(supervisor.run_until_stopped(stop.clone()));
        Self { sales, stop, task }
    }

    /// Stops in order.
    pub(crate) async fn stop(self) {
        self.stop.ask();
        let outcome = self.ended().await;
        assert!(matches!(outcome, Outcome::Stopped), "{outcome:?}");
    }

    /// Dies: nothing of what is in flight is finished.
    pub(crate) async fn die(self) {
        self.stop.ask_at_once();
        let outcome = self.ended().await;
        assert!(matches!(outcome, Outcome::Stopped | Outcome::Cut { .. }), "{outcome:?}");
    }

    async fn ended(self) -> Outcome {
        tokio::time::timeout(LIMIT, self.task).await.expect("an instance ends").unwrap()
    }
}
