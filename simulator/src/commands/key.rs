//! `keyholder key`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use keyholder_simulator::hex;
use keyholder_simulator::key_file::Keys;
use serde_json::json;

use super::{Outcome, Stop, say};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make the keys of a new site or receiver
    New(New),
    /// Tell the public part of a key file
    Show(Show),
}

/// Make the keys of a new site or receiver: the pair that signs its blobs and the key its codes are digested under
#[derive(Args)]
#[command(after_help = "\
The file can be read by its owner only, and an existing one is never overwritten.

Example:
  keyholder key new -o shop.key")]
pub(crate) struct New {
    /// The key file to be made
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Tell the public part of a key file: what devices have to be given to trust blobs sealed with it
#[derive(Args)]
#[command(after_help = "\
Example:
  keyholder key show shop.key")]
pub(crate) struct Show {
    /// The key file
    key: PathBuf,
    /// One JSON object instead of text
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(crate) fn execute(&self) -> Outcome {
        match self {
            Self::New(new) => {
                let keys = Keys::random().map_err(|error| Stop::Usage(format!("the system has no randomness for new keys: {error}")))?;
                keys.write_new(&new.output)?;
                say(&format!("{}: new keys, public key {}", new.output.display(), hex::encode(&keys.public().0)))?;
            }
            Self::Show(show) => {
                let public = Keys::read(&show.key)?.public();
                let (key, id) = (hex::encode(&public.0), hex::encode(&public.id().0));
                say(&if show.json {
                    json!({ "public_key": key, "key_id": id }).to_string()
                } else {
                    format!("public key {key}\nkey id     {id}")
                })?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
