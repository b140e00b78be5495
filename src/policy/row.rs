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

            impl TryFrom<AnyRow> for $row {
                type Error = ();

                fn try_from(row: AnyRow) -> Result<Self, ()> {
                    if let AnyRow::$row(row) = row { Ok(row) } else { Err(()) }
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
    /// The row of that index, if there is one.
    fn get(&self, index: usize) -> Option<AnyRow>;
    /// Reads a row of this part off the wire.
    fn reader(&self) -> ReadRow;
    /// Empties every slot.
    fn clear(&mut self);
    /// Appends a row. `false`: no slot is left, nothing changed.
    fn push(&mut self, row: &AnyRow) -> bool;
    /// Goes through the rows of a part that has names and keeps those, changed or not, for which `keep` holds.
    fn retain(&mut self, keep: &mut dyn FnMut(&mut AnyRow) -> bool);
}

/// Whether the rows of a table can be named one by one.
pub(crate) trait Named {
    const IS_NAMED: bool = true;
}

macro_rules! replaced_as_a_whole {
    ($($row:ident)*) => {$(
        impl Named for $row {
            const IS_NAMED: bool = false;
        }
    )*};
}
replaced_as_a_whole!(AreaList Schedule Layer Span TempOpenWindow);
impl Named for Holiday {}
impl Named for Contact {}
impl Named for SiteAccess {}
impl Named for Engineer {}
impl Named for Grant {}
impl Named for Authorisation {}

impl<T: Row + Named + Into<AnyRow> + TryFrom<AnyRow> + DeserializeOwned, const N: usize> PartTable for Table<T, N> {
    fn capacity(&self) -> usize {
        N
    }

    fn get(&self, index: usize) -> Option<AnyRow> {
        self.rows().get(index).map(|row| (*row).into())
    }

    fn reader(&self) -> ReadRow {
        |reader| reader.take::<T>().map(T::into)
    }

    fn clear(&mut self) {
        self.clear();
    }

    fn push(&mut self, row: &AnyRow) -> bool {
        T::try_from(*row).is_ok_and(|row| self.push(row))
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&mut AnyRow) -> bool) {
        if T::IS_NAMED {
            self.retain(|slot| retains(slot, keep));
        }
    }
}

impl<const N: usize> PartTable for CredentialTable<N> {
    fn capacity(&self) -> usize {
        N
    }

    fn get(&self, index: usize) -> Option<AnyRow> {
        self.view().get(index).map(AnyRow::from)
    }

    fn reader(&self) -> ReadRow {
        |reader| reader.take::<Credential>().map(AnyRow::from)
    }

    fn clear(&mut self) {
        self.clear();
    }

    fn push(&mut self, row: &AnyRow) -> bool {
        Credential::try_from(*row).is_ok_and(|row| self.push(row))
    }

    fn retain(&mut self, keep: &mut dyn FnMut(&mut AnyRow) -> bool) {
        self.retain(|slot| retains(slot, keep));
    }
}

fn retains<T: Copy + Into<AnyRow> + TryFrom<AnyRow>>(slot: &mut T, keep: &mut dyn FnMut(&mut AnyRow) -> bool) -> bool {
    let mut row = (*slot).into();
    let keeps = keep(&mut row);
    if let Ok(row) = T::try_from(row) {
        *slot = row;
    }
    keeps
}
