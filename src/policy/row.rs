//! A row whatever its type, and a table whatever its rows: so there is one reader of policies and not one for each part.

use serde::de::DeserializeOwned;

use crate::code::{Credential, CredentialTable};
use crate::contact::Contact;
use crate::engineer::{Engineer, Grant, SiteAccess};
use crate::firmware::Authorisation;
use crate::place::AreaList;
use crate::policy::Part;
use crate::schedule::{Holiday, Layer, Schedule, Span, TempOpenWindow};
use crate::table::{Row, Table};
use crate::wire::Reader;

/// A row whose type is known.
pub(crate) trait Known: Copy + Into<AnyRow> {
    /// The row, if it is of this type.
    fn of(row: &AnyRow) -> Option<&Self>;
}

macro_rules! any_row {
    ($($row:ident)*) => {
        /// A row of any part.
        #[derive(Clone, Copy)]
        pub(crate) enum AnyRow {
            $($row($row),)*
        }

        $(
            impl From<$row> for AnyRow {
                fn from(row: $row) -> Self {
                    Self::$row(row)
                }
            }

            impl Known for $row {
                fn of(row: &AnyRow) -> Option<&Self> {
                    if let AnyRow::$row(row) = row { Some(row) } else { None }
                }
            }
        )*
    };
}
any_row!(AreaList Schedule Layer Span Holiday TempOpenWindow Contact Credential SiteAccess Engineer Grant Authorisation);

/// Numbers that tell a row from the others of its part, or that it is ordered by.
pub(crate) type Name = [u32; 3];

impl AnyRow {
    /// By what a patch names the row. Of no meaning where a patch replaces the part as a whole.
    pub(crate) fn name(&self) -> Name {
        match self {
            Self::AreaList(_) | Self::Schedule(_) | Self::Layer(_) | Self::Span(_) | Self::TempOpenWindow(_) => [0; 3],
            Self::Holiday(holiday) => [holiday.year.into(), holiday.month.into(), holiday.day.into()],
            Self::Contact(contact) => [contact.user.0.into(), 0, 0],
            Self::Credential(credential) => [credential.user.0.into(), 0, 0],
            Self::SiteAccess(site) => [site.id.0, 0, 0],
            Self::Engineer(engineer) => [engineer.id.0, 0, 0],
            Self::Grant(grant) => [grant.engineer.0, grant.site.0, grant.id.0],
            Self::Authorisation(authorisation) => [authorisation.id.0, 0, 0],
        }
    }

    /// What the part is ordered by on the wire.
    pub(crate) fn order(&self) -> Name {
        let Self::Credential(credential) = self else { return self.name() };
        let [a, b, c, d, e, f, g, h] = credential.digest.0;
        [u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]), 0]
    }
}

impl Part {
    /// The parts that have rows, in the order of the wire.
    pub(crate) const PANEL: [Self; 13] = [
        Self::AreaLists,
        Self::Schedules,
        Self::Layers,
        Self::Spans,
        Self::Holidays,
        Self::Windows,
        Self::Contacts,
        Self::Codes,
        Self::Passcodes,
        Self::Sites,
        Self::Engineers,
        Self::Grants,
        Self::Authorisations,
    ];
    /// Those of a receiver.
    pub(crate) const RECEIVER: [Self; 4] = [Self::Sites, Self::Engineers, Self::Grants, Self::Authorisations];

    /// Whether a patch changes the part row by row. Others it replaces as a whole.
    pub(crate) const fn has_names(self) -> bool {
        !matches!(self, Self::AreaLists | Self::Schedules | Self::Layers | Self::Spans | Self::Windows)
    }

    /// What a patch names a row of the part by.
    pub(crate) fn read_name(self, reader: &mut Reader<'_>) -> Option<Name> {
        match self {
            Self::Holidays => {
                let (year, month, day): (u16, u8, u8) = reader.take()?;
                Some([year.into(), month.into(), day.into()])
            }
            Self::Contacts | Self::Codes | Self::Passcodes => Some([reader.take::<u16>()?.into(), 0, 0]),
            Self::Grants => reader.take(),
            _ => Some([reader.take()?, 0, 0]),
        }
    }
}

/// Reads a row off the wire. `None`: it is none of that kind.
pub(crate) type ReadRow = fn(&mut Reader<'_>) -> Option<AnyRow>;

/// The table of a part, whatever its rows and its capacity.
pub(crate) trait PartTable {
    fn capacity(&self) -> usize;
    /// Reads a row of this part off the wire.
    fn reader(&self) -> ReadRow;
    /// The row of that index, if there is one.
    fn get(&self, index: usize) -> Option<AnyRow>;
    /// Puts a row into slot `index`, which is that of a row or the first empty one. `false`: there is no such slot.
    fn set(&mut self, index: usize, row: &AnyRow) -> bool;
    /// Keeps the first rows, so many of them.
    fn truncate(&mut self, length: usize);
}

impl<T: Row + Known + DeserializeOwned, const N: usize> PartTable for Table<T, N> {
    fn capacity(&self) -> usize {
        N
    }

    fn reader(&self) -> ReadRow {
        |reader| reader.take::<T>().map(T::into)
    }

    fn get(&self, index: usize) -> Option<AnyRow> {
        self.rows().get(index).map(|row| (*row).into())
    }

    fn set(&mut self, index: usize, row: &AnyRow) -> bool {
        T::of(row).is_some_and(|row| self.set(index, *row))
    }

    fn truncate(&mut self, length: usize) {
        self.truncate(length);
    }
}

impl<const N: usize> PartTable for CredentialTable<N> {
    fn capacity(&self) -> usize {
        N
    }

    fn reader(&self) -> ReadRow {
        |reader| reader.take::<Credential>().map(AnyRow::from)
    }

    fn get(&self, index: usize) -> Option<AnyRow> {
        self.view().get(index).map(AnyRow::from)
    }

    fn set(&mut self, index: usize, row: &AnyRow) -> bool {
        Credential::of(row).is_some_and(|row| self.set(index, *row))
    }

    fn truncate(&mut self, length: usize) {
        self.truncate(length);
    }
}
