//! One random history, and its end.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::instance::Instance;
use crate::orders::Orders;
use crate::recount;
use crate::world::{World, eventually};

/// Records in one transaction at most: few make many steps to be killed between.
const BATCHES: [usize; 4] = [1, 3, 20, 500];

/// What can happen.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Orders are placed and change, and some of it is delivered twice.
    Events,
    /// All records since some moment are sent once more.
    Again,
    /// An instance starts: the first one, or a second one that takes partitions over.
    Start,
    /// One stops in order.
    Stop,
    /// One dies, wherever it is.
    Die,
    /// With nobody running, a partition is set back to an earlier offset.
    SetBack,
}

const STEPS: [Step; 10] = [
    Step::Events,
    Step::Events,
    Step::Events,
    Step::Again,
    Step::Start,
    Step::Start,
    Step::Stop,
    Step::Die,
    Step::Die,
    Step::SetBack,
];

struct History {
    rng: StdRng,
    world: World,
    orders: Orders,
    running: Vec<Instance>,
}

/// Plays the history of this seed; panics when the reports are wrong at its end.
pub(crate) async fn run(seed: u64) {
    let rng = StdRng::seed_from_u64(seed);
    let mut history = History { rng, world: World::new().await, orders: Orders::default(), running: Vec::new() };
    for _ in 0..history.rng.random_range(10..=20) {
        let step = STEPS.choose(&mut history.rng).copied().unwrap_or(Step::Events);
        history.take(step).await;
    }
    history.end().await;
}

impl History {
    async fn take(&mut self, step: Step) {
        match step {
            Step::Events => {
                for _ in 0..self.rng.random_range(1..=40) {
                    let record = self.orders.next(&mut self.rng);
                    self.world.send(&record);
                }
            }
            Step::Again => self.orders.again(&mut self.rng).iter().for_each(|record| self.world.send(record)),
            Step::Start => self.start(),
            Step::Stop => {
                if let Some(instance) = self.any_running() {
                    instance.stop().await;
                }
            }
            Step::Die => self.die().await,
            Step::SetBack => self.set_back().await,
        }
    }

    fn start(&mut self) {
        if self.running.len() < 2 {
            let batch = BATCHES.choose(&mut self.rng).copied().unwrap_or(1);
            self.running.push(Instance::start(&self.world, batch));
        }
    }

    fn any_running(&mut self) -> Option<Instance> {
        let count = self.running.len();
        (count > 0).then(|| self.running.swap_remove(self.rng.random_range(0..count)))
    }

    /// Somewhere between its start and the end of what it has to do, so that every step is hit in some history.
    async fn die(&mut self) {
        let moment = match self.rng.random_range(0..3) {
            0 => 0,
            1 => self.rng.random_range(0..50),
            _ => self.rng.random_range(0..1_500),
        };
        if let Some(instance) = self.any_running() {
            tokio::time::sleep(Duration::from_millis(moment)).await;
            instance.die().await;
        }
    }

    async fn set_back(&mut self) {
        if self.running.is_empty() {
            let positions: Vec<(i32, i64)> = self.world.positions().await.into_iter().collect();
            if let Some((partition, position)) = positions.choose(&mut self.rng) {
                self.world.set_back(*partition, self.rng.random_range(0..=*position)).await;
            }
        }
    }

    /// Everything that was sent is read, and then the reports are compared.
    async fn end(mut self) {
        if self.running.is_empty() {
            self.start();
        }
        let ends = self.world.ends().await.clone();
        eventually("all is read", async || {
            let positions = self.world.positions().await;
            let read = ends.iter().all(|(partition, end)| positions.get(partition) == Some(end));
            if read { Ok(()) } else { Err((positions, ends.clone())) }
        })
        .await;
        let sales = self.running[0].sales.clone();
        recount::compare(&self.world, &sales, &self.orders).await;
        for instance in self.running.drain(..) {
            instance.stop().await;
        }
        self.world.end().await;
    }
}
