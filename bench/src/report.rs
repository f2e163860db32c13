//! The table: medians over the passes, spread, and ratios.

use std::collections::HashMap;

use crate::load::Outcome;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Figure {
    RawCreate,
    Create,
    RawUpdate,
    Update,
}

/// All outcomes of all passes.
#[derive(Default)]
pub(crate) struct Report(HashMap<(usize, Figure), Vec<Outcome>>);

impl Report {
    pub(crate) fn add(&mut self, callers: usize, figure: Figure, outcome: Outcome) {
        self.0.entry((callers, figure)).or_default().push(outcome);
    }

    #[expect(clippy::print_stdout, reason = "the table is what this command is for")]
    pub(crate) fn print(&self, callers: &[usize]) {
        println!(
            "| callers | command | raw driver /s | p50/p99 ms | write path /s | p50/p99 ms | ratio (min–max) | last event after ms |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        for &callers in callers {
            for (name, raw, ours) in
                [("create", Figure::RawCreate, Figure::Create), ("update", Figure::RawUpdate, Figure::Update)]
            {
                let (Some(raw), Some(ours)) = (self.0.get(&(callers, raw)), self.0.get(&(callers, ours))) else {
                    continue;
                };
                let mut ratios: Vec<f64> = raw.iter().zip(ours).map(|(r, o)| o.per_second / r.per_second).collect();
                ratios.sort_by(f64::total_cmp);
                println!(
                    "| {callers} | {name} | {} | {} | {} | {} | **{:.2}** ({:.2}–{:.2}) | {:.1} |",
                    rate(raw),
                    latency(raw),
                    rate(ours),
                    latency(ours),
                    median(&ratios),
                    ratios[0],
                    ratios[ratios.len() - 1],
                    median_of(ours, |o| o.until_published_ms),
                );
            }
        }
    }
}

fn rate(outcomes: &[Outcome]) -> String {
    format!("{:.0}", median_of(outcomes, |outcome| outcome.per_second))
}

fn latency(outcomes: &[Outcome]) -> String {
    format!("{:.1} / {:.1}", median_of(outcomes, |o| o.percentile(0.5)), median_of(outcomes, |o| o.percentile(0.99)))
}

fn median_of(outcomes: &[Outcome], what: impl Fn(&Outcome) -> f64) -> f64 {
    let mut values: Vec<f64> = outcomes.iter().map(what).collect();
    values.sort_by(f64::total_cmp);
    median(&values)
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
