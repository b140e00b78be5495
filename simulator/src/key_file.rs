//! The keys of one site or receiver: the pair that signs its blobs, and the key under which its codes are digested.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use ed25519_dalek::{Signer as _, SigningKey};
use keyholder::blob::PublicKey;
use keyholder::code::CodeKey;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::complaint::{Complaint, Document};
use crate::hex;

/// A key file's contents.
#[derive(Clone)]
pub struct Keys {
    /// `None`: it is elsewhere, in a hardware module say, and these keys can tell what was signed with it but sign nothing.
    signing: Option<SigningKey>,
    public: PublicKey,
    code: [u8; 32],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyTable {
    signing_key: Option<toml::Spanned<String>>,
    public_key: toml::Spanned<String>,
    code_key: toml::Spanned<String>,
}

impl Keys {
    /// New random keys.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let (mut signing, mut code) = ([0; 32], [0; 32]);
        getrandom::fill(&mut signing)?;
        getrandom::fill(&mut code)?;
        Ok(Self::of(SigningKey::from_bytes(&signing), code))
    }

    fn of(signing: SigningKey, code: [u8; 32]) -> Self {
        Self { public: PublicKey(signing.verifying_key().to_bytes()), signing: Some(signing), code }
    }

    /// Keys that everybody knows, for trying out a policy on a simulated device.
    pub fn throw_away() -> Self {
        Self::of(SigningKey::from_bytes(&[1; 32]), [2; 32])
    }

    /// New keys to sign with and these to digest codes under, for the same site.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn successor(&self) -> Result<Self, getrandom::Error> {
        Ok(Self { code: self.code, ..Self::random()? })
    }

    /// The throw-away keys that follow these, the same each time.
    pub fn throw_away_successor(&self) -> Self {
        Self::of(SigningKey::from_bytes(&Sha256::digest(self.seed()).into()), self.code)
    }

    /// A throw-away recovery key for a site whose first signing key this is.
    pub fn throw_away_recovery(&self) -> Self {
        let mut hash = Sha256::new_with_prefix(b"recovery");
        hash.update(self.seed());
        Self::of(SigningKey::from_bytes(&hash.finalize().into()), self.code)
    }

    /// What throw-away keys that go with these are made of.
    fn seed(&self) -> [u8; 32] {
        self.signing.as_ref().map_or(self.public.0, SigningKey::to_bytes)
    }

    /// Whether the signing key is among them.
    pub const fn can_sign(&self) -> bool {
        self.signing.is_some()
    }

    /// Whether codes are digested alike under both.
    pub fn digests_like(&self, other: &Self) -> bool {
        self.code == other.code
    }

    /// The key that devices check signatures with.
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// The key under which codes are digested.
    pub const fn code_key(&self) -> CodeKey {
        CodeKey::new(self.code)
    }

    /// The bytes of that key, for the tape.
    pub(crate) const fn code_bytes(&self) -> &[u8; 32] {
        &self.code
    }

    /// The Ed25519 signature of `bytes`; without the signing key zeros, which no device takes for one.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.signing.as_ref().map_or([0; 64], |signing| signing.sign(bytes).to_bytes())
    }

    /// Writes a new key file that only its owner can read.
    ///
    /// # Errors
    /// The file is there already, or cannot be written.
    pub fn write_new(&self, path: &Path) -> Result<(), Complaint> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let text = format!(
            "# A keyholder key file. Whoever has it can write policies for the site and try out its codes: keep it secret.\n\
             signing_key = \"{}\"\npublic_key = \"{}\"\ncode_key = \"{}\"\n",
            hex::encode(&self.seed()),
            hex::encode(&self.public().0),
            hex::encode(&self.code)
        );
        let mut file = options.open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Complaint::about(path, "there is such a file already", "choose another name: keys that devices hold must not be lost")
            }
            _ => Complaint::of_io(path, "written", &error),
        })?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| Complaint::of_io(path, "written", &error))
    }

    /// Reads a key file to sign with.
    ///
    /// # Errors
    /// Others can read it, or it is not a key file, or one without a signing key.
    pub fn read(path: &Path) -> Result<Self, Complaint> {
        let keys = Self::read_public(path)?;
        if keys.can_sign() {
            return Ok(keys);
        }
        let hint = "give the key file that has a `signing_key`: this one can only check what was sealed with it";
        Err(Complaint::about(path, "this key file has no signing key: nothing can be sealed with it", hint))
    }

    /// Reads a key file that nobody but its owner can read; its signing key may be missing.
    ///
    /// # Errors
    /// Others can read it, or it is not a key file.
    pub fn read_public(path: &Path) -> Result<Self, Complaint> {
        let io = |error| Complaint::of_io(path, "read", &error);
        let mut file = File::open(path).map_err(io)?;
        check_kind(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let no_key_file = || Complaint::about(path, "this is not a key file", "give one that `keyholder key new` has made");
        // Before its mode: whoever named another file is not to make that one private.
        let text = String::from_utf8(bytes).ok().filter(|text| has_keys(text)).ok_or_else(no_key_file)?;
        check_mode(&file, path)?;
        let document = Document { path, text: &text };
        let table: KeyTable = toml::from_str(&text).map_err(|error: toml::de::Error| {
            // The line itself would show a key.
            let line = error.span().map_or_else(String::new, |place| format!("line {}: ", document.line(place.start)));
            Complaint::about(path, line + error.message().lines().next().unwrap_or_default(), "restore the file from its backup")
        })?;
        let key = |field: &toml::Spanned<String>| {
            hex::decode::<32>(field.get_ref()).ok_or_else(|| {
                let message = format!("line {}: the key is not 64 hexadecimal digits", document.line(field.span().start));
                Complaint::about(path, message, "restore the file from its backup")
            })
        };
        let (public, code) = (PublicKey(key(&table.public_key)?), key(&table.code_key)?);
        let Some(signing) = &table.signing_key else { return Ok(Self { signing: None, public, code }) };
        let keys = Self::of(SigningKey::from_bytes(&key(signing)?), code);
        if keys.public == public {
            Ok(keys)
        } else {
            Err(Complaint::about(path, "the public key does not belong to the signing key", "restore the file from its backup"))
        }
    }
}

/// Whether a key file stands there, be it damaged or somebody else's.
///
/// # Errors
/// Something stands there that cannot be read.
pub fn is_key_file(path: &Path) -> io::Result<bool> {
    if !path.is_file() {
        return Ok(false);
    }
    let mut start = Vec::new();
    File::open(path)?.take(4096).read_to_end(&mut start)?;
    Ok(has_keys(&String::from_utf8_lossy(&start)))
}

/// Whether a text is that of a key file, whatever has happened to it.
fn has_keys(text: &str) -> bool {
    ["keyholder key file", "signing_key", "code_key"].iter().any(|sign| text.contains(sign))
}

#[cfg(unix)]
fn check_kind(file: &File, path: &Path) -> Result<(), Complaint> {
    use std::os::unix::fs::FileTypeExt as _;
    let metadata = file.metadata().map_err(|error| Complaint::of_io(path, "read", &error))?;
    // A shell hands over what it decrypts as a pipe.
    if !metadata.is_file() && !metadata.file_type().is_fifo() {
        return Err(Complaint::about(path, "a directory or device, not a key file", "give one that `keyholder key new` has made"));
    }
    Ok(())
}

#[cfg(unix)]
fn check_mode(file: &File, path: &Path) -> Result<(), Complaint> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map_err(|error| Complaint::of_io(path, "read", &error))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let message = format!("others can read or change this key file (its mode is {:03o})", mode & 0o777);
    Err(Complaint::about(path, message, format!("run `chmod 600 {}`", path.display())))
}

// What is no file cannot be opened there.
#[cfg(not(unix))]
fn check_kind(_: &File, _: &Path) -> Result<(), Complaint> {
    Ok(())
}

// Where files have no mode there is nothing to check.
#[cfg(not(unix))]
fn check_mode(_: &File, _: &Path) -> Result<(), Complaint> {
    Ok(())
}
