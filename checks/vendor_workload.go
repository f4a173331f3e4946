package checks

import (
	"strings"

	"jwt-check-bot/redact"
)

// Tokens of workloads: Kubernetes service accounts, and jobs of GitHub Actions.

var kubernetesLegacyQuirk = Check{
	ID:       "vendor.kubernetes_legacy",
	Subject:  "Kubernetes, legacy token",
	Title:    "The token is a Kubernetes service account token of the old kind",
	Doc:      "It comes from a Secret: it has no exp, no aud, and an issuer that is no URL, so that no verifier outside its cluster finds a key for it. Use a bound token: a projected volume or kubectl create token, with the API's audience.",
	Cite:     "https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&kubernetesLegacy) },
}

var kubernetesLegacy = vendor{quirks: []quirk{
	{
		explains: []Cause{IssuerMismatch, UnknownKey, BadSignature, AudienceMismatch, MissingClaim},
		fact:     redact.Msg("it is a service account token from a Secret: no exp, no aud, and an issuer that is no URL, so that nobody outside its cluster can find its key"),
		mend:     redact.Msg("Have the workload use a bound token instead: a projected service account volume, or kubectl create token, with this API's audience"),
	},
}}

var kubernetesQuirk = Check{
	ID:       "vendor.kubernetes_bound",
	Subject:  "Kubernetes",
	Title:    "The token is a bound Kubernetes service account token",
	Doc:      "It is bound to a service account, and mostly to a pod: an API server refuses it as soon as that object is deleted, whatever exp says. aud is the API server unless the volume or request names another. API servers with different signing keys accept it by turns.",
	Cite:     "https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&kubernetes) },
}

var kubernetes = vendor{quirks: []quirk{
	{
		explains: []Cause{AudienceMismatch},
		fact:     redact.Msg("aud is the cluster's own API server unless the workload asks for another one"),
		mend:     redact.Msg("Set audience in the pod's projected serviceAccountToken volume (or kubectl create token --audience) to this API's"),
	},
	{
		explains: []Cause{IssuerMismatch},
		fact:     redact.Msg("iss is what the API server's --service-account-issuer says: every cluster has its own"),
		mend:     redact.Msg("Compare it with the cluster that the workload runs in; after a change of the issuer, get a fresh token and trust both for the time of the change"),
	},
	{
		explains: []Cause{UnknownKey, BadSignature},
		fact:     redact.Msg("every API server of a cluster has to have the same service account keys, else tokens pass at one and fail at the next"),
		mend:     redact.Msg("Check that all API servers have the same signing key and publish the old one too (--service-account-key-file) as long as its tokens live, then get a fresh token"),
	},
	{
		explains: []Cause{None},
		fact:     redact.Msg("an API server refuses it all the same once the pod, secret or service account that it is bound to was deleted or made anew"),
	},
}}

// isServiceAccount recognizes a bound token by the claims that the API server writes.
func (p *Pass) isServiceAccount() bool {
	m, ok := p.claims.find("kubernetes.io")
	if !ok || m.kind != '{' {
		return false
	}
	sub, _ := p.claims.str("sub")
	return strings.HasPrefix(sub, "system:serviceaccount:")
}

// isClusterHost knows the issuers of clusters that were set up as they come: in the cluster itself,
// EKS, AKS and GKE.
func isClusterHost(a address) bool {
	switch {
	case a.host == "kubernetes.default.svc", strings.HasPrefix(a.host, "kubernetes.default.svc."):
		return true
	case strings.HasPrefix(a.host, "oidc.eks.") && (strings.HasSuffix(a.host, ".amazonaws.com") || strings.HasSuffix(a.host, ".amazonaws.com.cn")):
		return true
	case strings.HasSuffix(a.host, ".oic.prod-aks.azure.com"):
		return true
	}
	return a.host == "container.googleapis.com" && strings.HasPrefix(a.path, "/v1/projects/")
}

var githubQuirk = Check{
	ID:       "vendor.github_quirk",
	Subject:  "GitHub Actions",
	Title:    "GitHub Actions does something that explains this",
	Doc:      "aud is the URL of the repository's owner unless the job asks for another. sub changes with environment, pull request and ref, and colons in it become %3A. Repositories that were created, renamed, transferred or opted in after 15 July 2026 have an immutable sub with owner and repository IDs, which older trust policies do not match. GitHub Enterprise Server and data residency have issuers of their own.",
	Cite:     "https://docs.github.com/actions/reference/security/oidc",
	Severity: Info,
	Run:      func(p *Pass) *Result { return p.noteOf(&github) },
}

var github = vendor{quirks: []quirk{
	{
		explains: []Cause{AudienceMismatch},
		fact:     redact.Msg("aud is the URL of the repository's owner unless the job asks for another one"),
		mend:     redact.Msg("Have the job ask for this API's audience: core.getIDToken with the audience, or the audience input of the action that logs in"),
	},
	{
		explains: []Cause{IssuerMismatch},
		when: func(p *Pass) bool {
			want := splitAddress(p.Profile.Issuer)
			return strings.HasPrefix(want.host, "token.actions.") || want.path == "/_services/token"
		},
		fact: redact.Msg("github.com, each GitHub Enterprise Server, data residency and an enterprise with a customized issuer are issuers of their own"),
		mend: redact.Msg("Have the API expect the issuer of the GitHub that runs the job"),
	},
	{
		explains: []Cause{IssuerMismatch},
		fact:     redact.Msg("it is the ID token of a job of GitHub Actions, with which the job proves itself to a cloud or an issuer that trusts GitHub"),
		mend:     redact.Msg("Have the job exchange it where the API's issuer trusts GitHub (workload identity federation, token exchange) and send what comes back"),
	},
	{
		explains: []Cause{MissingClaim},
		when:     func(p *Pass) bool { return p.lacks("sub") && p.immutableSubject() },
		fact:     redact.Msg("sub has the immutable form repo:OWNER@ID/REPO@ID:… of repositories that were created, renamed, transferred or opted in after 15 July 2026"),
		mend:     redact.Msg("Write the trust condition in the immutable form, with the IDs of owner and repository"),
	},
	{
		explains: []Cause{MissingClaim},
		when:     func(p *Pass) bool { return p.lacks("sub") },
		fact:     redact.Msg("sub names the environment if the job has one, else pull_request for such an event, else the ref; a colon inside a name is %3A"),
		mend:     redact.Msg("Compare the trust condition on sub with how this job runs: environment, pull request, branch or tag"),
	},
	{
		explains: []Cause{None},
		when:     (*Pass).immutableSubject,
		fact:     redact.Msg("sub has the immutable form repo:OWNER@ID/REPO@ID:…, which trust policies from before July 2026 do not match"),
	},
}}

// immutableSubject recognizes repo:OWNER@ID/REPO@ID:…; a name has no at sign in it.
func (p *Pass) immutableSubject() bool {
	sub, _ := p.claims.str("sub")
	rest, ok := strings.CutPrefix(sub, "repo:")
	repository, _, _ := strings.Cut(rest, ":")
	owner, name, _ := strings.Cut(repository, "/")
	_, ownerID, _ := strings.Cut(owner, "@")
	_, nameID, _ := strings.Cut(name, "@")
	return ok && digits(ownerID) && digits(nameID)
}
