//! The traits of a client: the few independent questions whose answers predict what it sends.

use super::words::{Set, TraitWord as _, words};

words! {
    /// What goes with the first request, before anything was asked for.
    First {
        /// A bare request.
        #[default]
        Nothing = "nothing",
        /// Basic credentials.
        Basic = "basic",
        /// A bearer token.
        Bearer = "bearer",
        /// No request is sent at all: it refuses a URL with user information.
        NoRequest = "no-request",
    }
}

words! {
    /// On which responses it looks at the challenges.
    Reacts {
        /// On a 401 (a client of a proxy: on a 407).
        #[default]
        Unauthorized = "unauthorized",
        /// On every response that has a challenge, whatever its status.
        AnyStatus = "any-status",
        /// Never.
        Never = "never",
    }
}

words! {
    /// Which field lines it sees.
    Lines {
        /// Every line, each for itself.
        #[default]
        Each = "each",
        /// All of them joined with commas (RFC 9110 §5.3), as one text.
        Joined = "joined",
        /// The first one only.
        First = "first",
        /// Each, copied over the one before: what it noted of an earlier line it answers as what stands there by then.
        OneBuffer = "one-buffer",
        /// By a handler for each scheme: Digest where the first line begins with it, Basic in each line by the grammar. Where
        /// the first line begins with neither, none is read.
        Handlers = "handlers",
    }
}

words! {
    /// How it finds challenges in a text.
    Splits {
        /// By the grammar (RFC 9110 §11.6.1): list elements outside quotes.
        #[default]
        Commas = "commas",
        /// One challenge: the first word is its auth-scheme, the rest of the text its parameters.
        Head = "head",
        /// By words: up to white space an auth-scheme, commas and all, and then its parameters, as long as a comma or the end
        /// is behind each. What is none ends them: with a name alone, behind it, and else in front.
        Words = "words",
        /// As `commas`, but a comma within quotes begins a challenge too.
        QuoteBlind = "quote-blind",
        /// The name of an auth-scheme anywhere in the text.
        Substring = "substring",
        /// As `substring`, but Digest with a space behind it at the beginning of the text alone.
        SubstringOrDigest = "substring-or-digest",
        /// The name of an auth-scheme at the beginning of the text, whatever follows it.
        Prefix = "prefix",
        /// Not at all: any refusal is taken for a challenge of its first scheme.
        SchemeBlind = "scheme-blind",
        /// One challenge: whatever its first word is, the rest of the text are parameters of its first scheme.
        AnyScheme = "any-scheme",
    }
}

words! {
    /// What it cannot read. The line on which it stands is lost.
    Chokes {
        /// An auth-scheme without parameters, before a comma.
        #[default]
        BareScheme = "bare-scheme",
        /// A token68.
        Token68 = "token68",
        /// An empty list element.
        EmptyElement = "empty-element",
        /// A tab behind the auth-scheme.
        Tab = "tab",
        /// More than one space behind the auth-scheme.
        SeveralSpaces = "several-spaces",
        /// No comma between two challenges.
        MissingComma = "missing-comma",
        /// A comma between an auth-scheme and its parameters.
        CommaAfterScheme = "comma-after-scheme",
        /// An auth-scheme in other letters than the registered ones.
        OddCase = "odd-case",
        /// A line of more than 4096 bytes.
        LongLine = "long-line",
        /// `Digest` with nothing behind it on its line.
        LoneDigest = "lone-digest",
        /// A list element without `=` among the parameters of Digest, and so a later challenge without parameters.
        WordInDigest = "word-in-digest",
    }
}

words! {
    /// How much it loses when it cannot read something.
    Loses {
        /// The whole line.
        #[default]
        Line = "line",
        /// What comes from there on.
        Rest = "rest",
    }
}

words! {
    /// What a challenge of Basic must say to be understood.
    Realm {
        /// Nothing.
        #[default]
        Optional = "optional",
        /// A realm.
        Needed = "needed",
        /// A realm as its first parameter.
        First = "first",
        /// The realm for which it was given the credentials; of Digest too.
        Known = "known",
    }
}

words! {
    /// Which parameters it takes for those of a challenge, and which of two with the same name.
    Parameters {
        /// Those of the challenge; the first of a name.
        #[default]
        Own = "own",
        /// Those of later challenges in the text too, save the first of each; the last of a name.
        Bleed = "bleed",
        /// Those of later challenges in the text too; the last of a name.
        BleedAll = "bleed-all",
        /// As `bleed`; where it does not come to the end of the text by characters, or meets one
        /// of its own twice, Digest lacks what it needs.
        BleedOnce = "bleed-once",
        /// As `bleed`, but by commas alone, be they in quotes: the white space before one is part of the value, whose quotes are
        /// undone where it ends in one. Names go by the letter.
        BleedByCommas = "bleed-by-commas",
        /// As `bleed`, but each is judged as it is read, which is to the comma with the white space before it where it is
        /// not quoted: an algorithm that is none hinders it, and keeps it from reading on; where it ends then, it does so
        /// whatever else is offered. A qop value that it looks for is found in any list.
        BleedAsRead = "bleed-as-read",
        /// As `bleed-as-read`, but of several lists of qop values the last counts.
        BleedAsReadLast = "bleed-as-read-last",
    }
}

impl Parameters {
    /// Whether each is judged as it is read.
    pub(super) fn are_judged_at_once(self) -> bool {
        matches!(self, Self::BleedAsRead | Self::BleedAsReadLast)
    }
}

words! {
    /// An auth-scheme that a client may know.
    KnownScheme {
        /// RFC 7617.
        #[default]
        Basic = "basic",
        /// RFC 7616.
        Digest = "digest",
        /// RFC 6750.
        Bearer = "bearer",
        /// RFC 4559.
        Negotiate = "negotiate",
        /// As described by its vendor; no RFC.
        Ntlm = "ntlm",
    }
}

impl KnownScheme {
    /// Its registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Digest => "Digest",
            Self::Bearer => "Bearer",
            Self::Negotiate => "Negotiate",
            Self::Ntlm => "NTLM",
        }
    }
}

words! {
    /// Which of the challenges that it read it responds to.
    Chooses {
        /// The one whose scheme comes first in `knows`.
        #[default]
        Strongest = "strongest",
        /// The first that it knows.
        FirstOffered = "first-offered",
        /// The strongest of the last line that has one.
        LastLine = "last-line",
        /// The strongest of the first line that has one.
        FirstLine = "first-line",
        /// The first that is not Digest, known or not; if all are, the first.
        FirstNotDigest = "first-not-digest",
        /// Whatever the first word is: that word, with the parameters of Digest.
        Echo = "echo",
    }
}

words! {
    /// Which of several challenges of the chosen scheme.
    Among {
        /// The first that it can compute.
        #[default]
        First = "first",
        /// The last that it can compute; of other schemes than Digest the last, be it one that it understands.
        Last = "last",
        /// The one with the strongest algorithm that it can compute; of equals the first.
        Strongest = "strongest",
    }
}

words! {
    /// An algorithm of Digest (RFC 7616 §6.1).
    Algorithm {
        /// MD5, also where none is named.
        #[default]
        Md5 = "MD5",
        /// MD5 over the session.
        Md5Sess = "MD5-sess",
        /// SHA-256.
        Sha256 = "SHA-256",
        /// SHA-256 over the session.
        Sha256Sess = "SHA-256-sess",
        /// SHA-512/256.
        Sha512 = "SHA-512-256",
        /// SHA-512/256 over the session.
        Sha512Sess = "SHA-512-256-sess",
    }
}

impl Algorithm {
    /// The one of this name, in whatever case (RFC 7616 §3.3).
    pub(super) fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter();
        all.find(|known| known.word().eq_ignore_ascii_case(name))
            .copied()
    }
}

words! {
    /// What it does with a challenge of Digest that it cannot compute.
    Incomputable {
        /// Passes it over and looks for another challenge.
        #[default]
        Skipped = "skipped",
        /// Chooses it all the same, and ends.
        Ends = "ends",
        /// Chooses it all the same, and asks again without credentials.
        AsksAgain = "asks-again",
        /// Passes it over; if there is no other, asks again without credentials.
        SkippedOrAsksAgain = "skipped-or-asks-again",
        /// Responds under that algorithm's name with what it can compute, which is wrong.
        Pretends = "pretends",
        /// Responds with MD5.
        Md5 = "md5",
    }
}

words! {
    /// How it reads a list of qop values (RFC 7616 §3.3).
    QopList {
        /// It finds `auth` in the list.
        #[default]
        Auth = "auth",
        /// It finds `auth-int` in the list, or else `auth`.
        AuthInt = "auth-int",
        /// It finds `auth` between commas, where no white space stands beside it.
        Untrimmed = "untrimmed",
        /// It finds `auth` between white space, where no comma stands beside it, and takes a missing
        /// list for `auth`.
        Words = "words",
        /// It takes the first of the list for all of it.
        First = "first",
        /// It understands `auth` alone, and no list.
        Single = "single",
        /// It understands `auth` alone and `auth,auth-int`, and no other list.
        Pair = "pair",
    }
}

words! {
    /// A parameter of a Digest challenge without which a client does not respond.
    Needed {
        /// The realm (RFC 7616 §3.3).
        #[default]
        Realm = "realm",
        /// The nonce (RFC 7616 §3.3).
        Nonce = "nonce",
        /// The list of qop values (RFC 7616 §3.3).
        Qop = "qop",
    }
}

words! {
    /// What it does with a challenge of Digest that lacks what it needs.
    Lacking {
        /// Chooses it all the same, and ends.
        #[default]
        Ends = "ends",
        /// Passes it over and looks for another challenge.
        Skipped = "skipped",
        /// Chooses it all the same, and asks again without credentials.
        AsksAgain = "asks-again",
        /// Passes it over; if there is no other, asks again without credentials.
        SkippedOrAsksAgain = "skipped-or-asks-again",
        /// Sends an empty `Authorization`.
        SaysNothing = "says-nothing",
    }
}

words! {
    /// What it does where no qop value that it looks for is offered.
    QopElse {
        /// Responds without qop (RFC 2069), which a server may take.
        #[default]
        Omits = "omits",
        /// Responds with `auth-int`.
        AuthInt = "auth-int",
        /// Responds with `auth-int`, wrongly computed.
        AuthIntWrong = "auth-int-wrong",
        /// Responds with the first of the list, wrongly computed.
        FirstWrong = "first-wrong",
        /// Responds with the whole list as if it were one value, wrongly computed.
        WholeWrong = "whole-wrong",
        /// Responds with `auth`, which was not offered.
        Auth = "auth",
        /// Responds without qop, wrongly computed.
        OmitsWrong = "omits-wrong",
        /// Responds with parameters that are not those of the challenge.
        Garbles = "garbles",
        /// Sends the word `None`.
        SaysNone = "says-none",
        /// Holds the challenge for one that it cannot compute.
        Incomputable = "incomputable",
    }
}

words! {
    /// What it does when the server refused its credentials as often as it tries.
    Then {
        /// It ends.
        #[default]
        Ends = "ends",
        /// It tries the next scheme that it knows and is offered.
        NextScheme = "next-scheme",
        /// It logs in by one challenge after the other: to a realm that is new to it in the scheme of that challenge, and to one
        /// that it knows in the scheme in which it did so first.
        NextChallenge = "next-challenge",
        /// It asks its user, who is not there: an empty user and password.
        EmptyPassword = "empty-password",
    }
}

words! {
    /// How a password outside US-ASCII becomes octets (RFC 7617 §2.1).
    Charset {
        /// As UTF-8, asked for or not.
        #[default]
        Utf8 = "utf-8",
        /// As UTF-8 where the challenge asks for it, else as Latin-1 with question marks.
        AskedElseLatin1 = "asked-else-latin-1",
        /// As UTF-8 where the challenge asks for it, else as US-ASCII with question marks.
        AskedElseAscii = "asked-else-ascii",
        /// As UTF-8 where the challenge asks for it, else it ends.
        AskedElseEnds = "asked-else-ends",
        /// As Latin-1 with question marks.
        Latin1 = "latin-1",
        /// As US-ASCII with question marks.
        Ascii = "ascii",
        /// Cut off at the first such character.
        CutOff = "cut-off",
        /// As percent-encoded in the URL.
        PercentEncoded = "percent-encoded",
        /// Not at all: it ends.
        Ends = "ends",
    }
}

words! {
    /// A secret that it was given.
    Holds {
        /// A user and a password.
        #[default]
        Password = "password",
        /// A bearer token.
        Token = "token",
        /// Both.
        Both = "both",
    }
}

words! {
    /// What it does with a redirection after it logged in.
    Redirect {
        /// Goes there with its credentials.
        #[default]
        Keeps = "keeps",
        /// Goes there without.
        Drops = "drops",
        /// Does not go there.
        Stays = "stays",
    }
}

words! {
    /// What it does when another origin, to which it was redirected, challenges it.
    Challenged {
        /// It ends.
        #[default]
        Ends = "ends",
        /// It responds as it does at home.
        Responds = "responds",
        /// It asks again without credentials.
        AsksAgain = "asks-again",
        /// It asks its user, who is not there: an empty user and password.
        EmptyPassword = "empty-password",
        /// It begins anew at home, with credentials, if it has not sent them yet.
        BeginsAnew = "begins-anew",
    }
}

words! {
    /// What it does with a 407 from an origin server, which is no proxy.
    FromOrigin {
        /// Nothing.
        #[default]
        Ignores = "ignores",
        /// Sends its credentials in `Proxy-Authorization`.
        Responds = "responds",
        /// Asks again without credentials, as often as it tries Basic.
        AsksAgain = "asks-again",
    }
}

words! {
    /// What is peculiar to few clients, and no value of another trait.
    Quirk {
        /// It is a client of a proxy: what it is asked by and what it responds to is a proxy.
        #[default]
        Proxy = "proxy",
        /// A first refusal makes it look for credentials: it asks again, with them if one scheme alone is offered.
        LooksUpCredentials = "looks-up-credentials",
        /// It sends two requests for each resource.
        AsksTwice = "asks-twice",
        /// Where it got in it begins anew, as if nobody had asked it: one run is two operations.
        RunsTwice = "runs-twice",
        /// It asks again without credentials where it finds nothing to respond to.
        AsksAgainUnserved = "asks-again-unserved",
        /// It ends where the first challenge says that a nonce is stale.
        EndsOnStale = "ends-on-stale",
        /// It asks again without credentials for a scheme that it was given none for.
        AsksAgainUnequipped = "asks-again-unequipped",
        /// Netrc or a cache knows hosts only, so another port gets the credentials.
        HostOnly = "host-only",
        /// A parameter of Digest whose value is empty is none to it.
        EmptyIsNone = "empty-is-none",
        /// It answers a challenge of Bearer by a token that it fetches with its password from the URL that the realm
        /// is, as clients of container registries do (the token authentication of CNCF Distribution; no RFC). Where the
        /// realm is no URL, it ends.
        ExchangesToken = "exchanges-token",
        /// On a 401 it looks for metadata (RFC 9728 §3.1, RFC 8414 §3.1) by four requests, and ends where nothing is found.
        DiscoversOauth = "discovers-oauth",
        /// The same without looking for the configuration of OpenID Connect, so by three requests.
        DiscoversOauthAlone = "discovers-oauth-alone",
    }
}

/// How many requests with credentials it sends at most, by what the refusals say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tries {
    /// With Basic or a bearer token.
    pub basic: u8,
    /// With Digest.
    pub digest: u8,
    /// With Digest, while the challenge says that the nonce was stale (RFC 7616 §3.3); 0 for as with
    /// any other.
    pub stale: u8,
    /// While each challenge names another realm; 0 for as with any other.
    pub new_realm: u8,
    /// With Negotiate; 0: it has no means, asks again without credentials, and ends.
    pub negotiate: u8,
    /// With NTLM.
    pub ntlm: u8,
    /// Without credentials, where it asks again for a challenge that it cannot compute; 0: nor does it for one of Negotiate.
    pub bare: u8,
}

impl Default for Tries {
    fn default() -> Self {
        Self {
            basic: 1,
            digest: 1,
            stale: 0,
            new_realm: 0,
            negotiate: 0,
            ntlm: 2,
            bare: 1,
        }
    }
}

/// What a client does with Digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DigestTraits {
    /// The algorithms that it computes.
    pub algorithms: Set,
    /// Those among them that it computes wrongly.
    pub miscomputes: Set,
    /// What it does with any other.
    pub incomputable: Incomputable,
    /// How it reads lists of qop values.
    pub qop: QopList,
    /// What it does where none of them suits it.
    pub qop_else: QopElse,
    /// The parameters without which it does not respond, of [`Needed`].
    pub needs: Set,
    /// What it does where one of them is missing.
    pub lacking: Lacking,
}

impl Default for DigestTraits {
    fn default() -> Self {
        Self {
            algorithms: Set::EMPTY.with(Algorithm::Md5),
            miscomputes: Set::EMPTY,
            incomputable: Incomputable::default(),
            qop: QopList::default(),
            qop_else: QopElse::default(),
            needs: Set::EMPTY.with(Needed::Realm).with(Needed::Nonce),
            lacking: Lacking::default(),
        }
    }
}

/// What it does with redirections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Redirects {
    /// Within the origin.
    pub same_origin: Redirect,
    /// To another one.
    pub elsewhere: Redirect,
    /// When that one challenges it.
    pub challenged: Challenged,
}

impl Default for Redirects {
    fn default() -> Self {
        Self {
            same_origin: Redirect::Keeps,
            elsewhere: Redirect::Drops,
            challenged: Challenged::Ends,
        }
    }
}

/// The most schemes that a client knows.
pub const MOST_KNOWN: usize = 5;

/// A client as a point in the space of traits. The default is a client that knows nothing, asks
/// without credentials and reads challenges by the grammar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Traits {
    /// What goes with the first request.
    pub first: First,
    /// Which secrets it was given.
    pub holds: Holds,
    /// When it looks at challenges.
    pub reacts: Reacts,
    /// Which lines it sees.
    pub lines: Lines,
    /// How it finds challenges in them.
    pub splits: Splits,
    /// What it cannot read, of [`Chokes`].
    pub chokes: Set,
    /// How much it then loses.
    pub loses: Loses,
    /// What Basic must say.
    pub realm: Realm,
    /// Which parameters it takes for a challenge's.
    pub parameters: Parameters,
    /// The schemes that it responds to, the one it prefers first.
    pub knows: [Option<KnownScheme>; MOST_KNOWN],
    /// Which challenge it responds to.
    pub chooses: Chooses,
    /// Which of several of one scheme.
    pub among: Among,
    /// Digest.
    pub digest: DigestTraits,
    /// How often it tries.
    pub tries: Tries,
    /// And then.
    pub then: Then,
    /// How it encodes a password.
    pub charset: Charset,
    /// Redirections.
    pub redirects: Redirects,
    /// A 407 from an origin server.
    pub from_origin: FromOrigin,
    /// What is peculiar, of [`Quirk`].
    pub quirks: Set,
}

impl Traits {
    /// The schemes that it knows, the preferred one first.
    pub fn known(&self) -> impl Iterator<Item = KnownScheme> + '_ {
        self.knows.iter().copied().flatten()
    }

    /// Whether it was given a user and a password.
    pub fn has_password(&self) -> bool {
        self.holds != Holds::Token
    }

    /// Whether it was given a bearer token.
    pub fn has_token(&self) -> bool {
        self.holds != Holds::Password
    }
}
