//! The command `cargo stack`, and the hidden subcommands of its helper processes.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use local_stack::process::guard::{self, GuardArgs};
use local_stack::shared::keeper::{self, KeeperArgs};
use local_stack::shared::lease::{self, LeaseArgs};
use local_stack::stack::{self, ServerOptions, StackOptions};

/// Real servers and both services on one machine.
#[derive(Debug, Parser)]
#[command(name = "cargo stack", bin_name = "cargo stack", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: StackOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Servers, services and sample data (what happens without a command)
    Up(StackOptions),
    /// The servers alone
    Servers(ServerOptions),
    #[command(hide = true)]
    Guard(GuardArgs),
    #[command(hide = true)]
    Keeper(KeeperArgs),
    #[command(hide = true)]
    Lease(LeaseArgs),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command.unwrap_or(Command::Up(arguments.up))) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Up(options) => block_on(stack::up(options)),
        Command::Servers(options) => block_on(stack::servers(options)),
        Command::Guard(args) => guard::run(args).map(ExitCode::from),
        Command::Keeper(args) => block_on(keeper::run(args)).map(|()| ExitCode::SUCCESS),
        Command::Lease(args) => lease::run(&args).map(|()| ExitCode::SUCCESS),
    }
}

fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(work);
    // A fetch or a build that is under way blocks a thread, and is not waited for.
    runtime.shutdown_background();
    outcome
}
