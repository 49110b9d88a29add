//! The command line.

use clap::{Parser, Subcommand};

use crate::commands::{engine, environment, export, generate, import, openapi, serve, token};
use crate::error::Error;

/// Runs the service on this machine, with its table in an embedded engine.
///
/// Without a command it serves. The environment variables of the deployed
/// functions are read where they are set, and have defaults where they are not.
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
    /// Serve the operations on a port of 127.0.0.1; done without a command too
    Serve(serve::Arguments),
    /// Serve the embedded engine alone, with the table made
    Engine(engine::Arguments),
    /// Print a Bearer token, signed with the development key
    Token(token::BearerArguments),
    /// Print an X-Token, signed with the development key
    XToken(token::XTokenArguments),
    /// Print the environment in which the functions' own binaries run on this data
    Env(environment::Arguments),
    /// Print the description of the API, OpenAPI 3.1
    Openapi(openapi::Arguments),
    /// Write the files of the repository that follow from the list of operations
    Generate(generate::Arguments),
    /// Read JSON Lines into the table
    Import(import::Arguments),
    /// Write the table as JSON Lines to standard output
    Export(export::Arguments),
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// [`Error`], as each command says.
    pub async fn run(self) -> Result<(), Error> {
        match self.command.unwrap_or(Command::Serve(self.serve)) {
            Command::Serve(arguments) => serve::run(&arguments).await,
            Command::Import(arguments) => import::run(&arguments).await,
            Command::Export(arguments) => export::run(&arguments).await,
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
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }
}
