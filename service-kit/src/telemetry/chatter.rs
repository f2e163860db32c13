//! Keeps the Kafka clients' own lines from flooding the log. While Kafka is away each client reports every failed
//! connection, twice a second, for as long as it lasts; what follows from it is said once by whoever waits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// The target of the clients' lines; what a client's context reports uses it too.
pub const KAFKA_CLIENT: &str = "librdkafka";

/// The targets that rust-rdkafka itself writes under.
const TARGETS: [&str; 2] = [KAFKA_CLIENT, "rdkafka::client"];
/// So many lines of one level …
const BURST: u64 = 5;
/// … in so long a time.
const PERIOD: Duration = Duration::from_secs(10);

/// Lets through the first lines of each level in each period.
#[derive(Debug)]
pub(super) struct Chatter {
    begun: Instant,
    errors: Budget,
    others: Budget,
}

impl Chatter {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), errors: Budget::default(), others: Budget::default() }
    }

    fn lets_through(&self, level: Level, since_begun: Duration) -> bool {
        let period = since_begun.as_secs() / PERIOD.as_secs();
        let budget = if level == Level::ERROR { &self.errors } else { &self.others };
        budget.spend(period)
    }
}

impl<S: Subscriber> Layer<S> for Chatter {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let metadata = event.metadata();
        !TARGETS.contains(&metadata.target()) || self.lets_through(*metadata.level(), self.begun.elapsed())
    }
}

/// Lines spent in the current period. Two threads that meet at its edge may spend a line too many: nobody minds.
#[derive(Debug, Default)]
struct Budget {
    period: AtomicU64,
    spent: AtomicU64,
}

impl Budget {
    fn spend(&self, period: u64) -> bool {
        if self.period.swap(period, Ordering::Relaxed) != period {
            self.spent.store(0, Ordering::Relaxed);
        }
        self.spent.fetch_add(1, Ordering::Relaxed) < BURST
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tracing::Level;

    use super::{BURST, Chatter, PERIOD};

    #[test]
    fn each_period_has_its_first_lines_of_each_level() {
        let chatter = Chatter::new();
        let through = |level, at: Duration| (0..100).filter(|_| chatter.lets_through(level, at)).count() as u64;
        assert_eq!(through(Level::WARN, Duration::ZERO), BURST);
        assert_eq!(through(Level::ERROR, Duration::ZERO), BURST, "a warning does not hide an error");
        assert_eq!(through(Level::WARN, PERIOD / 2), 0);
        assert_eq!(through(Level::WARN, PERIOD), BURST);
    }
}
