//! What a stop does, without servers and without waiting: deadlines of zero, and tasks that tell when they are reached.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use super::{Cut, Outcome, Refused, Stage, Stop, Supervisor};

const LONG: Duration = Duration::from_secs(3600);

fn stopped() -> Stop {
    let stop = Stop::new();
    stop.ask();
    stop
}

#[tokio::test]
async fn stages_stop_in_order_each_after_the_one_before() {
    let log = Arc::new(Mutex::new(Vec::new()));
    let mut supervisor = Supervisor::new(LONG);
    for stage in [Stage::Operations, Stage::Background, Stage::Projections, Stage::Commits, Stage::Http] {
        let log = Arc::clone(&log);
        supervisor.add(stage, format!("{stage:?}"), move |token| async move {
            token.cancelled().await;
            log.lock().unwrap().push(format!("{stage:?} told"));
            tokio::task::yield_now().await;
            log.lock().unwrap().push(format!("{stage:?} done"));
            Ok(())
        });
    }
    assert!(matches!(supervisor.run_until_stopped(stopped()).await, Outcome::Stopped));
    let expected: Vec<String> = ["Http", "Commits", "Projections", "Background", "Operations"]
        .iter()
        .flat_map(|stage| [format!("{stage} told"), format!("{stage} done")])
        .collect();
    assert_eq!(*log.lock().unwrap(), expected);
}

#[tokio::test]
async fn the_first_task_that_fails_stops_the_others_and_is_the_cause() {
    let mut supervisor = Supervisor::new(LONG);
    supervisor.add(Stage::Http, "server", |token| async move {
        token.cancelled().await;
        bail!("a later failure is not the cause")
    });
    supervisor.add(Stage::Projections, "copy", |_| async { Err(anyhow::anyhow!("inner")).context("outer") });
    let outcome = supervisor.run_until_stopped(Stop::new()).await;
    assert_eq!(outcome.exit_code(), 1);
    let Outcome::Failed(cause) = outcome else { panic!("{outcome:?}") };
    assert_eq!((cause.task.as_str(), format!("{:#}", cause.error)), ("copy", "outer: inner".to_owned()));
}

#[tokio::test]
async fn a_task_that_ends_well_but_unasked_is_a_failure() {
    let mut supervisor = Supervisor::new(LONG);
    supervisor.add(Stage::Background, "sweep", |_| async { Ok(()) });
    let outcome = supervisor.run_until_stopped(Stop::new()).await;
    let Outcome::Failed(cause) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause.error.to_string(), "it ended without being asked to");
}

#[tokio::test]
async fn a_panic_ends_the_process_without_its_payload() {
    let mut supervisor = Supervisor::new(LONG);
    supervisor.add(Stage::Commits, "writer", |_| async { panic!("4111 1111 1111 1111") });
    let outcome = supervisor.run_until_stopped(Stop::new()).await;
    assert!(!format!("{outcome:?}").contains("4111"), "{outcome:?}");
    let Outcome::Failed(cause) = outcome else { panic!("{outcome:?}") };
    assert_eq!(cause.error.to_string(), "it panicked");
}

#[tokio::test]
async fn a_refusal_anywhere_in_the_chain_is_a_refused_start() {
    let mut supervisor = Supervisor::new(LONG);
    supervisor.add(Stage::Background, "start-up check", |_| async {
        Err(Refused::new("no replica set: start mongod with --replSet")).context("checking MongoDB")
    });
    let outcome = supervisor.run_until_stopped(Stop::new()).await;
    assert_eq!(outcome.exit_code(), 3);
    let Outcome::Refused(refused) = outcome else { panic!("{outcome:?}") };
    assert_eq!(refused.to_string(), "no replica set: start mongod with --replSet");
}

#[tokio::test]
async fn a_stop_past_its_deadline_names_what_had_not_ended() {
    let mut supervisor = Supervisor::new(Duration::ZERO);
    supervisor.add(Stage::Commits, "stuck", |_| std::future::pending());
    supervisor.add(Stage::Projections, "not yet told", |_| std::future::pending());
    let outcome = supervisor.run_until_stopped(stopped()).await;
    assert_eq!(outcome.exit_code(), 4);
    let Outcome::Cut { by, unfinished } = outcome else { panic!("{outcome:?}") };
    assert_eq!((by, unfinished), (Cut::Deadline, vec!["not yet told".to_owned(), "stuck".to_owned()]));
}

#[tokio::test]
async fn a_second_wish_stops_at_once() {
    let stop = Stop::new();
    let second = stop.clone();
    let mut supervisor = Supervisor::new(LONG);
    supervisor.add(Stage::Http, "slow request", move |token| async move {
        token.cancelled().await;
        second.ask_at_once();
        std::future::pending().await
    });
    stop.ask();
    let outcome = supervisor.run_until_stopped(stop).await;
    assert!(matches!(outcome, Outcome::Cut { by: Cut::AskedAtOnce, .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_failure_while_stopping_is_not_hidden_by_the_stop() {
    let mut supervisor = Supervisor::new(LONG);
    supervisor.add(Stage::Projections, "copy", |token| async move {
        token.cancelled().await;
        bail!("the last checkpoint could not be stored")
    });
    assert_eq!(supervisor.run_until_stopped(stopped()).await.exit_code(), 1);
}

#[tokio::test]
async fn only_ports_begin_before_the_checks_have_passed() {
    let (server_up, checked, stop) = (CancellationToken::new(), Arc::new(AtomicBool::new(false)), Stop::new());
    let mut supervisor = Supervisor::new(LONG);
    let (seen, ask) = (Arc::clone(&checked), stop.clone());
    supervisor.add(Stage::Commits, "writer", move |token| async move {
        assert!(seen.load(Relaxed), "it began before the check had passed");
        ask.ask();
        token.cancelled().await;
        Ok(())
    });
    let up = server_up.clone();
    supervisor.add(Stage::Http, "server", move |token| async move {
        up.cancel();
        token.cancelled().await;
        Ok(())
    });
    supervisor.check("MongoDB", async move {
        server_up.cancelled().await;
        checked.store(true, Relaxed);
        Ok(())
    });
    assert!(matches!(supervisor.run_until_stopped(stop).await, Outcome::Stopped));
}

#[tokio::test]
async fn a_check_that_is_refused_ends_the_process_and_nothing_else_begins() {
    let mut supervisor = Supervisor::new(LONG);
    supervisor.add(Stage::Commits, "writer", |_| async { panic!("it began") });
    supervisor.check("MongoDB", async { Err(Refused::new("no replica set").into()) });
    assert_eq!(supervisor.run_until_stopped(Stop::new()).await.exit_code(), 3);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_check() {
    let mut supervisor = Supervisor::new(LONG);
    supervisor.add(Stage::Commits, "writer", |_| async { panic!("it began") });
    supervisor.check("MongoDB", std::future::pending());
    assert!(matches!(supervisor.run_until_stopped(stopped()).await, Outcome::Stopped));
}
