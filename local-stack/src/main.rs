//! The command `cargo stack`, and the hidden subcommands of its helper processes.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local_stack::process::guard::{self, GuardArgs};
use local_stack::shared::keeper::{self, KeeperArgs};
use local_stack::shared::lease::{self, LeaseArgs};

/// Real servers and both services on one machine.
#[derive(Debug, Parser)]
#[command(name = "cargo stack", bin_name = "cargo stack", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(hide = true)]
    Guard(GuardArgs),
    #[command(hide = true)]
    Keeper(KeeperArgs),
    #[command(hide = true)]
    Lease(LeaseArgs),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Guard(args) => guard::run(args).map(ExitCode::from),
        Command::Keeper(args) => tokio::runtime::Runtime::new()?
            .block_on(keeper::run(args))
            .map(|()| ExitCode::SUCCESS),
        Command::Lease(args) => lease::run(&args).map(|()| ExitCode::SUCCESS),
    }
}
