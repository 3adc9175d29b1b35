//! Which findings are one defect of who asks others on behalf of a client: it shows at the client, at the service that is
//! asked first and at the backend.

use crate::domain::Part;
use crate::spec::{About, BackendFlaw, Certainty, DecisionFlaw, Flaw, RelayedPart};

use super::accused::{Accused, Odd, fields};
use super::finding::Finding;

/// Whether two findings are one defect that shows in several places.
pub(super) fn shows_in_both(one: &Finding, other: &Finding) -> bool {
    let certain = |finding: &'_ Finding| -> Vec<Accused> {
        let all = finding.evidence.iter();
        let certain = all.filter(|accused| accused.certainty == Certainty::Certain);
        certain.cloned().collect()
    };
    let (here, there) = (certain(one), certain(other));
    here.iter().any(|this| {
        there.iter().any(|that| {
            is_followed(one, this, other, that)
                || is_followed(other, that, one, this)
                || are_both_reached(one, this, other, that)
                || is_told_alike(one, other)
                || are_of_one_hop(one, other)
        })
    })
}

/// Whether one of two findings shows each time behind what the other is about, and otherwise never.
pub(super) fn is_followed_by(one: &Finding, other: &Finding) -> bool {
    let is = |lead: &Finding, follower: &Finding| {
        let followed = follower.follows();
        lead.accuses() && followed.is_some_and(|one| one.rule == lead.rule && one.case == lead.case)
    };
    one.pack == other.pack && (is(one, other) || is(other, one))
}

/// Whether what one finding says follows from what another does, as far as these two cases show.
fn is_followed(why: &Finding, this: &Accused, what: &Finding, that: &Accused) -> bool {
    let is_odd = this.odd.iter().any(|odd| *odd != Odd::Stranger);
    let within = is_odd && Odd::all_in(&this.odd, &that.odd);
    let reaches = || what.discrepancy.kind.flaw == Flaw::Backend(BackendFlaw::TooMany);
    match why.discrepancy.kind.flaw {
        // Who is not asked about gets in, and reaches the backend.
        Flaw::AuthService(BackendFlaw::TooFew) => within && (is_opened(that) || reaches()),
        // Who is asked about for nothing is kept out by what is answered, or by whom nobody listens at.
        Flaw::AuthService(BackendFlaw::TooMany) => {
            let kept_out = DecisionFlaw::KeptOut;
            within && matches!(&that.about, About::Answer { turn, .. } if *turn == kept_out)
        }
        // An answer of another status has other challenges, or none; what is never right is so whatever was said.
        Flaw::Relayed(RelayedPart::Status | RelayedPart::Challenges) if is_same(this, that) => {
            matches!(
                &that.about,
                About::Offer { .. } | About::List(_) | About::Writing { .. } | About::Answer { .. }
            )
        }
        Flaw::Relayed(RelayedPart::Status) => {
            matches!(&that.about, About::Answer { turn, status }
                if *turn == DecisionFlaw::Manner && *status >= 500 && answered(this) == Some(*status))
        }
        // Who gets in reaches the backend, and the service may be told of him otherwise.
        _ => {
            let asked = matches!(that.about, About::Backend | About::AuthService);
            is_opened(this) && within && asked
        }
    }
}

/// Whether both say that the backend is reached by who is refused, the one's client being odd in nothing that the other's
/// is not: whatever it is that the service says.
fn are_both_reached(one: &Finding, this: &Accused, other: &Finding, that: &Accused) -> bool {
    let reached = |finding: &Finding, accused: &Accused| {
        let refused = answered(accused).is_some_and(|status| !(200..=299).contains(&status));
        refused && finding.discrepancy.kind.flaw == Flaw::Backend(BackendFlaw::TooMany)
    };
    let of_client = |accused: &Accused| -> Vec<Odd> {
        let odd = accused.odd.iter();
        odd.filter(|odd| odd.is_of_client()).cloned().collect()
    };
    let (here, there) = (of_client(this), of_client(that));
    reached(one, this)
        && reached(other, that)
        && (Odd::all_in(&here, &there) || Odd::all_in(&there, &here))
}

/// Whether both say that the backend is told the same wrong of who asks in place of the same: then the client's field is
/// taken for the gateway's in one way, whatever else the clients say of it.
fn is_told_alike(one: &Finding, other: &Finding) -> bool {
    let (here, there) = (&one.discrepancy, &other.discrepancy);
    let told =
        |finding: &Finding| finding.discrepancy.kind.flaw == Flaw::Backend(BackendFlaw::Identity);
    told(one)
        && told(other)
        && one.case.setting() == other.case.setting()
        && (&here.expected, &here.observed) == (&there.expected, &there.observed)
}

/// Whether both say that the backend is given fields that one sentence of a document wants taken out, each field by what one
/// client carries.
fn are_of_one_hop(one: &Finding, other: &Finding) -> bool {
    let given =
        |finding: &Finding| finding.discrepancy.kind.flaw == Flaw::Backend(BackendFlaw::Field);
    let carries = |finding: &Finding| {
        let odd: Vec<&str> = { finding.oddities.iter() }.map(String::as_str).collect();
        matches!(odd.as_slice(), [one] if one.starts_with("carries: "))
    };
    let stated = |finding: &Finding| {
        (
            finding.stated.document.clone(),
            finding.stated.section.clone(),
        )
    };
    [one, other]
        .into_iter()
        .all(|one| given(one) && carries(one))
        && one.case.setting() == other.case.setting()
        && stated(one) == stated(other)
}

fn is_opened(accused: &Accused) -> bool {
    let opened = DecisionFlaw::Opened;
    matches!(&accused.about, About::Answer { turn, .. } if *turn == opened)
}

/// The status of the last answer.
fn answered(accused: &Accused) -> Option<u16> {
    Some(accused.answers.last()?.response.status)
}

/// Whether the cases differ in nothing, behind what came before.
fn is_same(this: &Accused, that: &Accused) -> bool {
    let course = |accused: &Accused| accused.odd.iter().any(|odd| odd.is_of(Part::Course.word()));
    fields(&this.case) == fields(&that.case) && course(this) == course(that)
}
