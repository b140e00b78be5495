//! `keyholder key`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use keyholder::blob::{KeyChange, KeyRole, Kind};
use keyholder::time::Time;
use keyholder_simulator::complaint::Complaint;
use keyholder_simulator::device::Device;
use keyholder_simulator::hex;
use keyholder_simulator::key_file::Keys;
use keyholder_simulator::policy_file::Size;
use keyholder_simulator::seal::seal_key_change;
use serde_json::json;

use super::order::Order;
use super::{Outcome, Stop, say};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make the keys of a new site or receiver
    New(New),
    /// Tell the public part of a key file
    Show(Show),
    /// Make the blob that replaces a key of a device
    Change(Change),
}

/// Make the keys of a new site or receiver: the pair that signs its blobs and the key its codes are digested under
#[derive(Args)]
#[command(after_help = "\
The file can be read by its owner only, and an existing one is never overwritten.
A key that is to replace another needs that one's code key: the device keeps it.

Examples:
  keyholder key new -o shop.key
  keyholder key new --codes-of shop.key -o next.key")]
pub(crate) struct New {
    /// The key file to be made
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// A key file of the same site, whose code key goes into the new one
    #[arg(long, value_name = "FILE")]
    codes_of: Option<PathBuf>,
}

/// Make the blob that replaces a key of a device: the old one is retired once the device has it
#[derive(Args)]
#[command(after_help = "\
The signing key may replace itself, and may set a recovery key where there is none. The recovery
key, which is best kept in a safe, may replace both. What has been installed goes on deciding.

Examples:
  keyholder key change --key shop.key --new next.key --for corner-shop.toml --sequence 8 -o change.blob
  keyholder key change --key shop.key --new safe.key --role recovery --recipient 17 --sequence 9 -o safe.blob
  keyholder key change --key safe.key --new next.key --recipient 17 --sequence 10 -o stolen.blob")]
pub(crate) struct Change {
    /// The key file that signs: that of the device's signing or recovery key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The key file whose key is to be obeyed from now on
    #[arg(long, value_name = "FILE")]
    new: PathBuf,
    /// What the new key is for
    #[arg(long, value_enum, default_value = "signing")]
    role: Role,
    #[command(flatten)]
    order: Order,
}

#[derive(Clone, Copy, ValueEnum)]
enum Role {
    Signing,
    Recovery,
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
                let keys = match &new.codes_of {
                    None => Keys::random(),
                    Some(path) => Keys::read_public(path)?.successor(),
                };
                let keys = keys.map_err(|error| Stop::Usage(format!("the system has no randomness for new keys: {error}")))?;
                keys.write_new(&new.output)?;
                say(&format!("{}: new keys, public key {}", new.output.display(), hex::encode(&keys.public().0)))?;
            }
            Self::Change(change) => change.execute()?,
            Self::Show(show) => {
                let public = Keys::read_public(&show.key)?.public();
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

impl Change {
    fn execute(&self) -> Result<(), Stop> {
        let (keys, new) = (Keys::read(&self.key)?, Keys::read_public(&self.new)?);
        if !keys.digests_like(&new) {
            let hint = format!("make it with `keyholder key new --codes-of {}`", self.key.display());
            return Err(Complaint::about(&self.new, "this key file has another code key: no code of the site would be known", hint).into());
        }
        if new.public() == keys.public() {
            let hint = "give a new key that the device does not hold yet";
            return Err(Complaint::about(&self.new, "this is the key that signs, which the device holds already", hint).into());
        }
        let role = match self.role {
            Role::Signing => KeyRole::Signing,
            Role::Recovery => KeyRole::Recovery,
        };
        let change = KeyChange { role, key: new.public() };
        let (recipient, label) = (self.order.recipient(&keys)?, self.order.label()?);
        let blob =
            seal_key_change(&change, recipient, &keys, &label).map_err(|error| Complaint::about(&self.key, error.to_string(), ""))?;
        let mut device = Device::new(Kind::KeyChange, recipient, Size::Small, &keys);
        device.install(&blob, Time::Unknown).map_err(|refusal| {
            Complaint::about(
                &self.new,
                format!("a device refuses this change: {refusal}"),
                "give a new key that the device does not hold yet",
            )
        })?;
        self.order.write(&blob, recipient, &[&self.key, &self.new])
    }
}
