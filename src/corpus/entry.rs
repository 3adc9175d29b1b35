//! What a reproduction holds.

use crate::credentials::{Identity, KeyPlace};
use crate::domain::Case;
use crate::implementation::ENDPOINT;
use crate::results::{
    Cause, Cure, Finding, Fingerprint, MinimalityProof, Presumed, ResolvedDemand, Run, TriedChange,
};
use crate::spec::{Discrepancy, Level, Stated};

use super::transcript::Messages;
use super::write;

/// A finding that stands alone: everything that is needed to try it again, and to understand it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The case in one sentence: *two profiles, flag false, Basic client*.
    pub sentence: String,
    /// What is wrong, in a phrase: *who waits for a challenge is shut out*.
    pub defect: String,
    /// The rule that it breaks.
    pub rule: SavedRule,
    /// The implementation on which it was seen.
    pub seen_on: SeenOn,
    /// The minimal case, every field written out.
    pub case: Case,
    /// The case that it is compared with, where the rule is a relation.
    pub sibling: Option<Sibling>,
    /// What the rule demands of this case, with every set written out.
    pub demand: ResolvedDemand,
    /// What was expected and what came instead. A replay that departs in the same kind is *still
    /// failing*.
    pub discrepancy: Discrepancy,
    /// Where it did not show each time: so often, out of so many runs.
    pub flaky: Option<(u32, u32)>,
    /// Single changes of the policy or the instance that make the rule hold.
    pub cures: Vec<Cure>,
    /// Why it is minimal: every one-step simplification and what the rule says of it.
    pub proof: MinimalityProof,
    /// Every variation of one field and what the rule then says.
    pub variations: Vec<TriedChange>,
    /// What went over the wire, credentials masked.
    pub transcript: Messages,
    /// Who can log in; the client is the first. Countersign's own published test credentials, so
    /// they may be stored.
    pub identities: Vec<Identity>,
}

/// A rule, as much of it as a reader needs who does not have its spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRule {
    /// Its id.
    pub id: String,
    /// The name of its pack.
    pub pack: String,
    /// The version of its pack.
    pub version: u32,
    /// How strongly it binds.
    pub level: Level,
    /// Whether breaking it counts.
    pub scored: bool,
    /// Where it is stated.
    pub stated: Stated,
    /// Who is hurt when it breaks.
    pub impact: String,
    /// Choices that an implementation must take for the rule to apply to it.
    pub presumes: Vec<Presumed>,
}

/// An implementation, by what it said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenOn {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where a deployed endpoint looks for API keys and signatures, where it has its own name for that.
    pub key_in: Option<KeyPlace>,
}

/// The case that a case is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sibling {
    /// How it differs, in words: `with client.persona preemptive`.
    pub difference: String,
    /// The case, every field written out.
    pub case: Case,
}

impl Entry {
    /// Whether it was seen at a deployed endpoint, whose secrets are somebody's own.
    pub fn is_of_endpoint(&self) -> bool {
        self.seen_on.name == ENDPOINT
    }

    /// The reproduction of a finding that was seen on an implementation of this name and version.
    /// What differs between two runs on the same implementation (ports, slots, dates) is left out.
    pub fn of(finding: &Finding, name: &str, version: &str) -> Self {
        Self {
            sentence: finding.sentence.clone(),
            defect: finding.defect.clone(),
            rule: SavedRule {
                id: finding.rule.clone(),
                pack: finding.pack.0.clone(),
                version: finding.pack.1,
                level: finding.level,
                scored: finding.scored,
                stated: finding.stated.clone(),
                impact: finding.impact.clone(),
                presumes: finding.presumes.clone(),
            },
            seen_on: SeenOn {
                name: name.to_owned(),
                version: version.to_owned(),
                key_in: None,
            },
            case: finding.case.clone(),
            sibling: finding.sibling.as_ref().map(|(case, difference)| Sibling {
                difference: difference.clone(),
                case: case.clone(),
            }),
            demand: finding.demand.clone(),
            discrepancy: finding.discrepancy.clone(),
            flaky: finding
                .flaky
                .as_ref()
                .map(|flaky| (flaky.failed, flaky.runs)),
            cures: finding.cures.clone(),
            proof: finding.proof.clone(),
            variations: finding.variations.clone(),
            transcript: Messages::of(&finding.transcript),
            identities: finding.identities.clone(),
        }
    }

    /// The reproductions of a run: of the headline of each defect, in their order.
    pub fn all_of(run: &Run) -> Vec<Self> {
        let (name, version) = &run.implementation;
        let causes = run.causes();
        let entry = |cause: &Cause<'_>| Self::of(cause.headline, name, version);
        causes.iter().map(entry).collect()
    }

    /// What it shows in one line: its defect and its sentence.
    pub fn title(&self) -> String {
        format!("{}: {}", self.defect, self.sentence)
    }

    /// The name of its file: the title, cut, the product on which it was seen, and eight hexadecimal digits
    /// over what [`Entry::digest`] takes in and the product. Of the reference implementation as it is,
    /// nothing is said.
    pub fn file_name(&self) -> String {
        let product = self.product();
        if product.is_empty() {
            return self.earlier_file_name();
        }
        let cut: String = product.chars().take(MOST_OF_PRODUCT).collect();
        let title = slug(&self.title());
        let hash = self.hashed(Some(&product));
        format!("{title}-on-{}-{hash:08x}.yaml", slug(&cut))
    }

    /// The name that earlier versions gave its file, whatever the product.
    pub(super) fn earlier_file_name(&self) -> String {
        format!("{}-{:08x}.yaml", slug(&self.title()), self.digest())
    }

    /// What tells it from other reproductions: a hash over the rule, the case and its sibling, and
    /// the demand, and over nothing that one run has and another has not. The rule's name and pack
    /// count, the pack's version does not: a new version that demands the same is the same
    /// reproduction.
    pub fn digest(&self) -> u32 {
        self.hashed(None)
    }

    fn hashed(&self, product: Option<&str>) -> u32 {
        let rule = &self.rule;
        let fingerprint = Fingerprint {
            pack: &rule.pack,
            rule: &rule.id,
            case: &self.case,
            sibling: self.sibling.as_ref().map(|sibling| &sibling.case),
            demand: &self.demand,
            product,
        };
        fingerprint.hash()
    }

    /// The file's text: the same entry has the same bytes.
    pub fn to_yaml(&self) -> String {
        write::text(self, &self.file_name())
    }
}

/// The most characters of a product's name in a file's.
const MOST_OF_PRODUCT: usize = 40;

/// A title as the beginning of a file name: lower-case ASCII words joined by hyphens.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for word in title.split(|c: char| !c.is_ascii_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        // A file name has a bound everywhere; the hash tells long ones apart.
        if slug.len() + word.len() > 80 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word.to_ascii_lowercase());
    }
    if slug.is_empty() {
        slug.push_str("case");
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_file_names() {
        assert_eq!(
            slug("two profiles, flag false, Basic client"),
            "two-profiles-flag-false-basic-client"
        );
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("…"), "case");
        assert_eq!(slug(&"x".repeat(500)), "case");
        assert_eq!(slug(&"word ".repeat(100)).len(), 79);
    }
}
