package checks

// Ladder lists all checks in the order in which a verifier meets what they look at. The first that
// blocks is the cause, so checks that block stand in the order of the causes.
func Ladder() []*Check {
	return []*Check{
		&headerMalformed,
		&pasteArtefacts,
		&tokenLong,

		&notJWT,
		&encrypted,
		&algNone,
		&typNotAccepted,
		&algNotAccepted,
		&headerUnsupported,
		&membersDuplicated,

		&wrongEnvironment,
		&issuerMismatch,

		&keyUnknown,
		&keyUnusable,
		&signatureBad,

		&claimMalformed,
		&expPassed,
		&expMissing,
		&expMilliseconds,
		&nbfAhead,
		&iatAhead,
		&lifetimeLong,

		&audienceMismatch,
		&scopeMissing,
		&claimMissing,
		&boundToKey,
	}
}
