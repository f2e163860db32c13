//! How long to wait before the next try: doubling up to a limit, with jitter, so that many instances which lost the same
//! server do not come back in step. It counts tries of one thing; it never gives up, that is for its caller to decide.

use std::time::Duration;

use rand::RngExt;

/// The wait before each next try.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    limit: Duration,
    next: Duration,
}

impl Backoff {
    /// Starts at `first` and doubles up to `limit`.
    pub fn new(first: Duration, limit: Duration) -> Self {
        Self { first, limit, next: first }
    }

    /// For servers that may take a while to come up beside the service: 250 ms up to 5 s.
    pub fn at_start() -> Self {
        Self::new(Duration::from_millis(250), Duration::from_secs(5))
    }

    /// The next wait: between half and all of the current step, which then doubles.
    pub fn next_wait(&mut self) -> Duration {
        let step = self.next;
        self.next = (step * 2).min(self.limit);
        step.mul_f64(rand::rng().random_range(0.5..=1.0))
    }

    /// After a success: the next failure starts anew.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn waits_double_up_to_the_limit_and_start_anew_after_a_success() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(350));
        for step in [100, 200, 350, 350] {
            let wait = backoff.next_wait();
            assert!((step / 2..=step).contains(&wait.as_millis()), "{wait:?} of {step}");
        }
        backoff.reset();
        assert!(backoff.next_wait() <= Duration::from_millis(100));
    }
}
