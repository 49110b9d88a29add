//! The command line.

use clap::{Parser, Subcommand};

use crate::commands::{check, engine, environment, events, export, generate, import, openapi, serve, token};
use crate::error::Error;

/// Runs the service on this machine, with its table in an embedded engine.
///
/// Starts the local server if no command is given. Reads the same environment variables as the deployed
/// functions and falls back to development defaults.
#[derive(Debug, Parser)]
#[command(name = "local", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(flatten)]
    serve: serve::Arguments,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the local server on 127.0.0.1 (default command)
    Serve(serve::Arguments),
    /// Start only the embedded engine, and create the table
    Engine(engine::Arguments),
    /// Print a Bearer token signed with the development key
    Token(token::BearerArguments),
    /// Print an X-Token signed with the development key
    XToken(token::XTokenArguments),
    /// Print the environment variables for running the functions' binaries on this data
    Env(environment::Arguments),
    /// Print the API description (OpenAPI 3.1 or 3.0)
    Openapi(openapi::Arguments),
    /// Write the files of the repository that are generated from the list of operations
    Generate(generate::Arguments),
    /// Import JSON Lines into the table
    Import(import::Arguments),
    /// Export the table as JSON Lines to standard output
    Export(export::Arguments),
    /// Print the events of the changes, one per line
    Events(events::Arguments),
    /// Report inconsistent items of the table, one per line, to standard output
    Check(check::Arguments),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// The errors of the command.
    pub async fn run(self) -> Result<(), Error> {
        match self.command.unwrap_or(Command::Serve(self.serve)) {
            Command::Serve(arguments) => serve::run(&arguments).await,
            Command::Import(arguments) => import::run(&arguments).await,
            Command::Export(arguments) => export::run(&arguments).await,
            Command::Events(arguments) => events::run(&arguments).await,
            Command::Check(arguments) => check::run(&arguments).await,
            Command::Engine(arguments) => engine::run(&arguments).await,
            Command::Token(arguments) => token::print_bearer(&arguments),
            Command::XToken(arguments) => token::print_x_token(&arguments),
            Command::Env(arguments) => environment::run(&arguments).await,
            Command::Openapi(arguments) => openapi::run(&arguments),
            Command::Generate(arguments) => generate::run(&arguments),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_definition_is_valid() {
        Cli::command().debug_assert();
    }
}
