//! The tables: medians over the passes, spread, and ratios.

use std::collections::HashMap;

use crate::{
    load::{Outcome, percentile},
    visible::Visible,
};

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Figure {
    RawCreate,
    Create,
    RawUpdate,
    Update,
    RawOrder,
    Order,
}

/// From what to where a write was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    CustomerToCopy,
    OrderToReport,
}

/// All outcomes of all passes.
#[derive(Default)]
pub(crate) struct Report {
    commits: HashMap<(usize, Figure), Vec<Outcome>>,
    visible: HashMap<(usize, Way), Vec<Visible>>,
    accumulated_per_second: Vec<f64>,
}

impl Report {
    pub(crate) fn add(&mut self, callers: usize, figure: Figure, outcome: Outcome) {
        self.commits.entry((callers, figure)).or_default().push(outcome);
    }

    pub(crate) fn add_visible(&mut self, callers: usize, way: Way, visible: Visible) {
        self.visible.entry((callers, way)).or_default().push(visible);
    }

    pub(crate) fn add_accumulated(&mut self, per_second: f64) {
        self.accumulated_per_second.push(per_second);
    }

    pub(crate) fn print(&self, callers: &[usize]) {
        self.print_commits(callers);
        self.print_visible(callers);
        self.print_accumulated();
    }

    #[expect(clippy::print_stdout, reason = "the table is what this command is for")]
    fn print_commits(&self, callers: &[usize]) {
        println!(
            "| callers | command | raw driver, /s | p50/p99, ms | write path, /s | p50/p99, ms | ratio (min–max) | last event after, ms |"
        );
        println!("|---:|---|---:|---:|---:|---:|---:|---:|");
        for &callers in callers {
            for (command, raw, ours) in [
                ("create a customer", Figure::RawCreate, Figure::Create),
                ("update a customer", Figure::RawUpdate, Figure::Update),
                ("place an order", Figure::RawOrder, Figure::Order),
            ] {
                let (Some(raw), Some(ours)) = (self.commits.get(&(callers, raw)), self.commits.get(&(callers, ours)))
                else {
                    continue;
                };
                let (raw_rate, raw_latency, our_rate, our_latency) =
                    (rate(raw), latency(raw), rate(ours), latency(ours));
                let ratio = Spread::of(raw.iter().zip(ours).map(|(raw, ours)| ours.per_second / raw.per_second));
                let last_event = Spread::of(ours.iter().map(|outcome| outcome.until_published_ms)).median;
                println!(
                    "| {callers} | {command} | {raw_rate} | {raw_latency} | {our_rate} | {our_latency} | **{:.2}** ({:.2}–{:.2}) | {last_event:.1} |",
                    ratio.median, ratio.lowest, ratio.highest,
                );
            }
        }
    }

    #[expect(clippy::print_stdout, reason = "the table is what this command is for")]
    fn print_visible(&self, callers: &[usize]) {
        println!();
        println!(
            "| callers | from → to | writes, /s | visible p50, ms (min–max) | p99, ms (min–max) | since the answer p50/p99, ms | followed |"
        );
        println!("|---:|---|---:|---:|---:|---:|---:|");
        let ways = [("customer → copy", Way::CustomerToCopy), ("order → report", Way::OrderToReport)];
        let rows = callers.iter().flat_map(|callers| ways.map(|(name, way)| (callers, name, way)));
        for (callers, name, way) in rows {
            let Some(passes) = self.visible.get(&(*callers, way)) else { continue };
            let of = |what: fn(&Visible) -> f64| Spread::of(passes.iter().map(what));
            let (p50, p99) =
                (of(|v| percentile(&v.since_command_ms, 0.5)), of(|v| percentile(&v.since_command_ms, 0.99)));
            let (answer_p50, answer_p99) =
                (of(|v| percentile(&v.since_answer_ms, 0.5)), of(|v| percentile(&v.since_answer_ms, 0.99)));
            println!(
                "| {callers} | {name} | {:.0} | **{:.1}** ({:.1}–{:.1}) | **{:.1}** ({:.1}–{:.1}) | {:.1} / {:.1} | {} |",
                of(|v| v.per_second).median,
                p50.median,
                p50.lowest,
                p50.highest,
                p99.median,
                p99.lowest,
                p99.highest,
                answer_p50.median,
                answer_p99.median,
                passes.iter().map(|visible| visible.since_command_ms.len()).sum::<usize>(),
            );
        }
    }
}

impl Report {
    #[expect(clippy::print_stdout, reason = "the table is what this command is for")]
    fn print_accumulated(&self) {
        let rate = Spread::of(self.accumulated_per_second.iter().copied());
        println!();
        println!(
            "Order events added up from the start of the topic: **{:.0}** per second ({:.0}–{:.0}).",
            rate.median, rate.lowest, rate.highest
        );
    }
}

fn rate(outcomes: &[Outcome]) -> String {
    format!("{:.0}", Spread::of(outcomes.iter().map(|outcome| outcome.per_second)).median)
}

fn latency(outcomes: &[Outcome]) -> String {
    let of = |share| Spread::of(outcomes.iter().map(|outcome| percentile(&outcome.latencies_ms, share))).median;
    format!("{:.1} / {:.1}", of(0.5), of(0.99))
}

/// A figure over the passes.
struct Spread {
    lowest: f64,
    median: f64,
    highest: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or_default();
        Self { lowest: at(0), median: at(values.len() / 2), highest: at(values.len().saturating_sub(1)) }
    }
}
