//! What a person sees while they wait: bars in a terminal, plain lines anywhere else. Always on standard error, so that
//! standard output carries results only.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Where progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Bars that move.
    Bars,
    /// One line when a step begins and one when it is done.
    Lines,
}

impl Progress {
    /// Bars if standard error is a terminal, lines otherwise.
    #[must_use]
    pub fn detect() -> Self {
        if std::io::stderr().is_terminal() { Self::Bars } else { Self::Lines }
    }

    /// Begins a step of unknown length.
    #[must_use]
    pub fn step(self, text: impl Into<String>) -> Step {
        let bar = ProgressBar::new_spinner().with_style(style("{spinner} {msg} ({elapsed})"));
        bar.enable_steady_tick(Duration::from_millis(120));
        self.begin(text.into(), bar)
    }

    /// Begins a step of `total` parts, which [`Step::reached`] moves.
    #[must_use]
    pub fn counted(self, text: impl Into<String>, total: u64) -> Step {
        let bar = ProgressBar::new(total).with_style(style("{msg} [{bar:30}] {pos}/{len}"));
        self.begin(text.into(), bar)
    }

    /// Says something that is not a step.
    pub fn say(self, text: &str) {
        line(text);
    }

    fn begin(self, text: String, bar: ProgressBar) -> Step {
        match self {
            Self::Bars => bar.set_message(text.clone()),
            Self::Lines => {
                bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
                line(&format!("{text} …"));
            }
        }
        Step { text, bar, since: Instant::now() }
    }
}

/// Something that takes a while. Dropping it without [`Step::done`] removes its bar.
#[derive(Debug)]
pub struct Step {
    text: String,
    bar: ProgressBar,
    since: Instant,
}

impl Step {
    /// So many parts are done.
    pub fn reached(&self, parts: u64) {
        self.bar.set_position(parts);
    }

    /// The step is done: its line stays, with the time it took.
    pub fn done(self) {
        self.bar.finish_and_clear();
        line(&format!("{} ({:.1} s)", self.text, self.since.elapsed().as_secs_f64()));
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Not `eprintln!`, which panics when nobody reads: the stack goes on without its listener.
fn line(text: &str) {
    let _nobody_reads = writeln!(std::io::stderr(), "{text}");
}

/// A template that is wrong shows as the default style: no reason to end.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
