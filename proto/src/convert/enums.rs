//! The closed lists. `UNSPECIFIED`, and a number that this version does not
//! know, are refused with the list of what would be right.

use dualwrite_core::phase::Phase;
use dualwrite_core::plan::PlanKind;
use dualwrite_core::route::Consistency;
use dualwrite_core::side::{Role, Side};

use super::WireError;
use crate::v1;

const SIDES: &str = "expected SIDE_LEGACY or SIDE_NEW";
const PHASES: &str =
    "expected PHASE_LEGACY_ONLY, PHASE_DUAL_WRITE, PHASE_NEW_PRIMARY or PHASE_NEW_ONLY";
const ROLES: &str = "expected ROLE_PRIMARY, ROLE_SECONDARY, ROLE_FROZEN, ROLE_HANDED or ROLE_OFF";
const PLAN_KINDS: &str =
    "expected PLAN_KIND_FLIP, PLAN_KIND_OPEN, PLAN_KIND_CLOSE or PLAN_KIND_BUMP";
const CONSISTENCIES: &str = "expected CONSISTENCY_PRIMARY, CONSISTENCY_SESSION or CONSISTENCY_ANY";

/// The side in a field called `path`.
///
/// # Errors
/// [`WireError`] when it is unspecified or unknown.
pub fn side(number: i32, path: &str) -> Result<Side, WireError> {
    known::<v1::Side>(number, path, SIDES)?
        .try_into()
        .map_err(|error: WireError| error.under(path))
}

/// The phase in a field called `path`.
///
/// # Errors
/// [`WireError`] when it is unspecified or unknown.
pub fn phase(number: i32, path: &str) -> Result<Phase, WireError> {
    known::<v1::Phase>(number, path, PHASES)?
        .try_into()
        .map_err(|error: WireError| error.under(path))
}

/// The phase in a field called `path` that may be left out.
///
/// # Errors
/// [`WireError`] when it is unknown.
pub fn optional_phase(number: i32, path: &str) -> Result<Option<Phase>, WireError> {
    if number == i32::from(v1::Phase::Unspecified) {
        return Ok(None);
    }
    phase(number, path).map(Some)
}

/// The role in a field called `path`.
///
/// # Errors
/// [`WireError`] when it is unspecified or unknown.
pub fn role(number: i32, path: &str) -> Result<Role, WireError> {
    known::<v1::Role>(number, path, ROLES)?
        .try_into()
        .map_err(|error: WireError| error.under(path))
}

/// The kind of plan in a field called `path`.
///
/// # Errors
/// [`WireError`] when it is unspecified or unknown.
pub fn plan_kind(number: i32, path: &str) -> Result<PlanKind, WireError> {
    known::<v1::PlanKind>(number, path, PLAN_KINDS)?
        .try_into()
        .map_err(|error: WireError| error.under(path))
}

/// The consistency in a field called `path`; session when unspecified.
///
/// # Errors
/// [`WireError`] when it is unknown.
pub fn consistency(number: i32, path: &str) -> Result<Consistency, WireError> {
    Ok(
        match known::<v1::Consistency>(number, path, CONSISTENCIES)? {
            v1::Consistency::Primary => Consistency::Primary,
            v1::Consistency::Unspecified | v1::Consistency::Session => Consistency::Session,
            v1::Consistency::Any => Consistency::Any,
        },
    )
}

fn known<T: TryFrom<i32>>(number: i32, path: &str, expected: &str) -> Result<T, WireError> {
    T::try_from(number)
        .map_err(|_| WireError::at(path, format!("{number} is not known here; {expected}")))
}

fn missing(expected: &str) -> WireError {
    WireError::new(format!("is not given; {expected}"))
}

// === impl Side ===

impl TryFrom<v1::Side> for Side {
    type Error = WireError;

    fn try_from(side: v1::Side) -> Result<Self, WireError> {
        match side {
            v1::Side::Unspecified => Err(missing(SIDES)),
            v1::Side::Legacy => Ok(Self::Legacy),
            v1::Side::New => Ok(Self::New),
        }
    }
}

impl From<Side> for v1::Side {
    fn from(side: Side) -> Self {
        match side {
            Side::Legacy => Self::Legacy,
            Side::New => Self::New,
        }
    }
}

// === impl Phase ===

impl TryFrom<v1::Phase> for Phase {
    type Error = WireError;

    fn try_from(phase: v1::Phase) -> Result<Self, WireError> {
        match phase {
            v1::Phase::Unspecified => Err(missing(PHASES)),
            v1::Phase::LegacyOnly => Ok(Self::LegacyOnly),
            v1::Phase::DualWrite => Ok(Self::DualWrite),
            v1::Phase::NewPrimary => Ok(Self::NewPrimary),
            v1::Phase::NewOnly => Ok(Self::NewOnly),
        }
    }
}

impl From<Phase> for v1::Phase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::LegacyOnly => Self::LegacyOnly,
            Phase::DualWrite => Self::DualWrite,
            Phase::NewPrimary => Self::NewPrimary,
            Phase::NewOnly => Self::NewOnly,
        }
    }
}

// === impl Role ===

impl TryFrom<v1::Role> for Role {
    type Error = WireError;

    fn try_from(role: v1::Role) -> Result<Self, WireError> {
        match role {
            v1::Role::Unspecified => Err(missing(ROLES)),
            v1::Role::Primary => Ok(Self::Primary),
            v1::Role::Secondary => Ok(Self::Secondary),
            v1::Role::Frozen => Ok(Self::Frozen),
            v1::Role::Handed => Ok(Self::Handed),
            v1::Role::Off => Ok(Self::Off),
        }
    }
}

impl From<Role> for v1::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Primary => Self::Primary,
            Role::Secondary => Self::Secondary,
            Role::Frozen => Self::Frozen,
            Role::Handed => Self::Handed,
            Role::Off => Self::Off,
        }
    }
}

// === impl PlanKind ===

impl TryFrom<v1::PlanKind> for PlanKind {
    type Error = WireError;

    fn try_from(kind: v1::PlanKind) -> Result<Self, WireError> {
        match kind {
            v1::PlanKind::Unspecified => Err(missing(PLAN_KINDS)),
            v1::PlanKind::Flip => Ok(Self::Flip),
            v1::PlanKind::Open => Ok(Self::Open),
            v1::PlanKind::Close => Ok(Self::Close),
            v1::PlanKind::Bump => Ok(Self::Bump),
        }
    }
}

impl From<PlanKind> for v1::PlanKind {
    fn from(kind: PlanKind) -> Self {
        match kind {
            PlanKind::Flip => Self::Flip,
            PlanKind::Open => Self::Open,
            PlanKind::Close => Self::Close,
            PlanKind::Bump => Self::Bump,
        }
    }
}
