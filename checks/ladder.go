package checks

// Ladder lists all checks in the order in which a verifier meets what they look at. The first that
// blocks is the cause, so checks that block stand in the order of the causes.
func Ladder() []*Check {
	return []*Check{
		&headerMalformed,
		&headerTooLarge,
		&pasteArtefacts,
		&fieldRenamed,
		&tokenInURL,
		&secretPasted,
		&tokenExample,
		&tokenLong,
		&replayOverlong,

		&notJWT,
		&encrypted,
		&encryptionWeak,
		&jsonIndented,
		&numberInexact,
		&nestingDeep,
		&algNone,
		&idTokenSent,
		&refreshTokenSent,
		&dpopProofSent,
		&logoutTokenSent,
		&securityEventSent,
		&assertionSent,
		&customTokenSent,
		&requestObjectSent,
		&answerSent,
		&credentialSent,
		&statementSent,
		&apiKeySent,
		&typNotAccepted,
		&idTokenTaken,
		&atJWTIncomplete,
		&apiKeyPasted,
		&algNotAccepted,
		&algRenamed,
		&headerUnsupported,
		&membersDuplicated,
		&kidSuspicious,
		&keyEmbedded,
		&privateExposed,
		&keyLocated,
		&certificateNamed,
		&nestedClaimed,
		&jweMembers,
		&claimContradicted,

		&wrongEnvironment,
		&profileNearest,
		&issuerMismatch,
		&keyForeign,

		&kidNotString,
		&keyUnknown,
		&keyUnusable,
		&kidMissing,
		&kidDuplicated,
		&entryUnreadable,
		&certificateExpired,
		&setStale,
		&privatePublished,
		&keyWeak,
		&secretWeak,
		&signatureBad,
		&keyConfused,
		&ecdsaZero,
		&keyBrought,

		&claimMalformed,
		&typeUnusual,
		&subEmpty,
		&nameVariant,
		&valuePlaceholder,
		&subIsClient,
		&actorPresent,
		&expPassed,
		&expMissing,
		&expMilliseconds,
		&nbfAhead,
		&iatAhead,
		&serverBlamed,
		&clockSkewed,
		&toleranceDecides,
		&expClose,
		&momentsFractional,
		&momentsDisordered,
		&nbfPostdated,
		&lifetimeLong,
		&lifetimeShort,
		&zoneSuspect,
		&expiredSince,
		&partySkewed,

		&audienceMismatch,
		&scopeMissing,
		&replayForbidden,
		&scopeInsufficient,
		&claimMissing,
		&scopeWildcard,
		&boundToKey,
		&proofDemanded,
		&proofUnbound,

		&tokenInactive,
		&replayRevoked,
		&activeExpired,
		&claimsDiffer,

		&keyNew,
		&overlapShort,
		&setShrunk,
		&iatBeforeKey,

		&replayRefused,
		&replayAccepted,
		&replayCompared,
		&replayContradicted,
		&replayUnchallenged,
		&replayUnenforced,

		&entraQuirk,
		&graphQuirk,
		&auth0Quirk,
		&oktaQuirk,
		&oktaOrgQuirk,
		&cognitoQuirk,
		&googleQuirk,
		&googleIAPQuirk,
		&googleServiceAccountQuirk,
		&firebaseQuirk,
		&keycloakQuirk,
		&kubernetesQuirk,
		&kubernetesLegacyQuirk,
		&githubQuirk,
		&supabaseQuirk,

		&serverSaid,
		&verdictContradicted,
		&schemeOther,
		&tokenUnseen,
		&statusMislabelled,
		&challengeMissing,

		&differenceExplains,
		&otherJudged,
		&keyCompared,
		&issuerCompared,
		&audienceCompared,
		&accessCompared,
		&timesCompared,
		&claimsCompared,

		&secretInClaim,
		&personInClaim,
	}
}

// Rows of the catalogue of what linters, attack tools, RFC 8725 and its revision, RFC 9068, OpenID
// Connect and vendors' runbooks look at, and where each is: in which checks, elsewhere in this
// program, or left out and why. TestCatalogueRows reads this list. Families: IN how the credential
// was put on the wire, ST structure, HD header, SG signature, KY keys, DS discovery, TM time,
// ID identity, TT token kind, AZ authorization, SB sender binding, CF confidentiality, JW encryption,
// LC lifecycle, RP replay and response, EV environment.
//
//	IN-01 modal and command line: an empty paste is an error there (ErrEmpty)
//	IN-02..04 capture.header_malformed
//	IN-05 capture.header_malformed binding.scheme_unbound
//	IN-06 capture.header_malformed
//	IN-07..10 capture.header_malformed capture.token_wrapped
//	IN-11 capture.token_wrapped
//	IN-12..15 capture.header_malformed capture.token_wrapped
//	IN-16 capture.token_in_url
//	IN-17 format.jws_malformed
//	IN-18 capture.header_malformed capture.token_wrapped
//	IN-19 capture.header_malformed format.jws_malformed
//	IN-20 capture.token_example
//	IN-21 capture.field_renamed
//	ST-01 format.jws_malformed
//	ST-02 format.token_encrypted
//	ST-03..11 format.jws_malformed
//	ST-12 header.members_duplicated
//	ST-13 format.number_inexact
//	ST-14 format.jws_malformed
//	ST-15 format.nesting_deep
//	ST-16 format.json_indented
//	ST-17 format.jws_malformed
//	ST-18 header.alg_none
//	HD-01 format.jws_malformed
//	HD-02 header.alg_none
//	HD-03..05 header.alg_not_accepted
//	HD-06 header.alg_not_accepted signature.key_confused
//	HD-07 key.use_contradicts
//	HD-08 header.alg_renamed
//	HD-09 left out: x5t beside x5t#S256 is common and harms nobody; RSA1_5 is in format.encryption_weak
//	HD-10 header.alg_not_accepted
//	HD-11 key.kid_missing
//	HD-12 key.kid_not_string
//	HD-13 header.kid_suspicious
//	HD-14 key.kid_unknown
//	HD-15 header.key_located
//	HD-16..17 header.key_embedded
//	HD-18 header.certificate_named
//	HD-19..21 header.extension_unsupported
//	HD-22 header.nested_claimed
//	HD-23 left out: many issuers send no typ, and RFC 7519 does not ask for one; kind.typ_not_accepted where the profile does
//	HD-24 kind.typ_not_accepted
//	HD-25 kind.typ_not_accepted kind.dpop_proof_sent kind.logout_token_sent kind.security_event_sent kind.request_object_sent
//	HD-26 header.claim_contradicted
//	HD-27 vendor.graph_token
//	HD-28 header.encryption_members
//	SG-01..02 signature.value_wrong
//	SG-03 environment.other_profile
//	SG-04 key.kid_unknown signature.value_wrong
//	SG-05 signature.value_wrong
//	SG-06 signature.ecdsa_zero
//	SG-07 format.jws_malformed signature.value_wrong
//	SG-08..09 signature.value_wrong
//	SG-10 key.kid_unknown
//	SG-11 key.secret_weak
//	SG-12 signature.key_confused
//	SG-13 format.jws_malformed signature.value_wrong
//	SG-14 left out: a payload that was re-serialized cannot be verified by anybody
//	SG-15 signature.key_brought
//	KY-01 key.kid_unknown
//	KY-02 key.kid_unknown
//	KY-03 rotation.key_new
//	KY-04 key.kid_duplicated
//	KY-05..07 key.use_contradicts
//	KY-08 key.modulus_weak
//	KY-09 key.entry_unreadable key.use_contradicts
//	KY-10..11 key.private_published
//	KY-12 key.certificate_expired
//	KY-13..14 key.kid_unknown
//	KY-15 configuration: plain http and private addresses are refused by the key source
//	KY-16 key.set_stale
//	KY-17 rotation.overlap_short
//	KY-18 left out: a verifier's time-outs and network are not ours to see
//	KY-19 left out: the bot has one vantage point
//	KY-20 vendor.entra_quirk
//	KY-21 left out: a note on every good token
//	KY-22 key.use_contradicts key.entry_unreadable
//	KY-23 rotation.set_shrunk
//	DS-01..02 key.kid_unknown
//	DS-03 configuration: an issuer that is no https URL cannot be discovered
//	DS-04 left out: the metadata speaks of ID tokens, and access tokens may differ
//	DS-05 vendor.entra_quirk
//	DS-06 left out: says nothing about a token
//	DS-07 left out: the API's own metadata (RFC 9728) is at an address that its answer names, and no such address is fetched
//	DS-08 left out: the key source bounds redirects; their target is not worth a finding
//	TM-01 time.exp_passed
//	TM-02 time.exp_close
//	TM-03 time.exp_missing
//	TM-04 time.nbf_ahead
//	TM-05 time.iat_ahead
//	TM-06 claims.type_wrong
//	TM-07 claims.type_wrong time.exp_milliseconds
//	TM-08 time.number_fractional
//	TM-09 claims.type_wrong time.exp_passed
//	TM-10 time.order_wrong
//	TM-11 time.nbf_postdated
//	TM-12 time.lifetime_long time.lifetime_short
//	TM-13 left out: no profile says how old a login may be
//	TM-14 access.claim_missing
//	TM-15 time.zone_suspect
//	TM-16 clock.party_skewed clock.server_blamed answer.clock_skewed
//	TM-17 time.tolerance_decides
//	TM-18 time.expired_since
//	TM-19 time.exp_passed
//	TM-20 rotation.iat_before_key
//	ID-01 access.claim_missing
//	ID-02..03 issuer.iss_mismatch
//	ID-04 claims.type_wrong
//	ID-05 issuer.key_foreign
//	ID-06..07 audience.aud_mismatch
//	ID-08 left out: an array is normal today, and a note on it would be noise
//	ID-09 kind.id_token_sent
//	ID-10 left out: several audiences without azp are normal in access tokens
//	ID-11 vendor.cognito_quirk
//	ID-12 claims.sub_empty claims.type_wrong kind.at_jwt_incomplete
//	ID-13 left out: subjects that are addresses are common; they are masked
//	ID-14 claims.sub_is_client
//	ID-15 access.claim_missing
//	ID-16 kind.at_jwt_incomplete claims.type_wrong
//	ID-17 access.claim_missing
//	ID-18 claims.actor_present
//	ID-19 vendor.kubernetes_bound vendor.kubernetes_legacy
//	ID-20..21 access.claim_missing
//	ID-22 claims.name_variant access.claim_missing
//	ID-23 claims.value_placeholder
//	TT-01..02 kind.id_token_sent
//	TT-03 kind.refresh_token_sent
//	TT-04 kind.logout_token_sent kind.security_event_sent kind.client_assertion_sent kind.request_object_sent kind.issuer_answer_sent
//	TT-05 vendor.graph_token
//	TT-06 vendor.entra_quirk
//	TT-07 kind.at_jwt_incomplete
//	TT-08 left out: says nothing that the vendor's note does not
//	TT-09 vendor.google_quirk vendor.firebase_quirk vendor.github_quirk
//	TT-10 format.jws_malformed kind.credential_sent
//	AZ-01..04 access.scope_missing
//	AZ-05 vendor.entra_quirk
//	AZ-06 access.scope_wildcard
//	AZ-07..09 access.claim_missing
//	AZ-10 access.scope_missing answer.status_unfitting
//	SB-01..03 binding.sender_constrained
//	SB-04 kind.dpop_proof_sent
//	SB-05 replay.token_refused answer.proof_demanded
//	SB-06 binding.sender_constrained
//	CF-01 exposure.person_in_claim
//	CF-02..03 exposure.secret_in_claim
//	CF-04..05 capture.token_long
//	CF-06 left out: clients' addresses are normal in vendors' tokens
//	CF-07 redact: the nets behind the types look at whatever leaves the bot
//	CF-08 capture.secret_pasted
//	CF-09 redact: text is made inert where it is made
//	JW-01 format.token_encrypted
//	JW-02 format.encryption_weak
//	JW-03..04 format.token_encrypted
//	JW-05 format.encryption_weak
//	JW-06..07 left out: needs the recipient's decryption keys
//	JW-08 format.token_encrypted
//	LC-01 lifecycle.token_inactive
//	LC-02 lifecycle.claims_differ
//	LC-03 lifecycle.token_inactive
//	LC-04 left out: needs the issuer's list of revoked sessions
//	LC-05 left out: the list's URL stands in the token, and none of these is fetched
//	LC-06 left out: needs the issuer's own records
//	LC-07 left out: needs the dates of a user's changes
//	LC-08 lifecycle.active_expired
//	LC-09 left out: needs the incident's memory
//	RP-01 replay.token_refused
//	RP-02 replay.token_accepted
//	RP-03 replay.token_refused answer.cause_named answer.scheme_other answer.token_unseen
//	RP-04 replay.scope_insufficient replay.token_revoked answer.cause_named answer.scope_insufficient answer.proof_demanded
//	RP-05 answer.cause_named
//	RP-06 replay.challenge_missing answer.challenge_missing
//	RP-07 replay.token_refused
//	RP-08 replay.nothing_enforced
//	RP-09 replay.header_too_large answer.header_too_large
//	RP-10 replay.token_refused replay.answers_compared answer.cause_named
//	RP-11 replay.token_refused answer.cause_named answer.status_unfitting answer.token_unseen
//	RP-12 clock.party_skewed replay.answers_compared answer.clock_skewed
//	RP-13 replay.verdict_contradicted answer.verdict_contradicted
//	RP-14 left out: the address stands in the API's answer, and none that was not configured is fetched
//	EV-01 environment.profile_nearest
//	EV-02 environment.other_profile
//	EV-03 left out: what a host is called proves nothing; profiles do
//	EV-04 environment.other_profile
//	EV-05 issuer.iss_mismatch
//	EV-06 replay.verdict_contradicted
//	EV-07 environment.profile_nearest
