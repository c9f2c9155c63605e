package cert

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/crypto/acme"
)

// requestTimeout is how long the authority may take for one request.
const requestTimeout = 30 * time.Second

// The challenges of authorities: RFC 8555, section 8.3, and RFC 8737.
const (
	overHTTP = "http-01"
	overTLS  = "tls-alpn-01"
)

// obtain asks the authority for a certificate, which it issues when it has seen that the
// names lead to this server.
func (a *ACME) obtain(ctx context.Context) (chain [][]byte, err error) {
	client := &acme.Client{Key: a.account, DirectoryURL: a.cfg.Directory, UserAgent: "parley", HTTPClient: a.asking()}
	account := new(acme.Account)
	if a.cfg.Email != "" {
		account.Contact = []string{"mailto:" + a.cfg.Email}
	}
	if _, err := client.Register(ctx, account, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return nil, fmt.Errorf("the authority at %s gives no account: %w", a.cfg.Directory, err)
	}
	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs(a.cfg.Names...))
	if err != nil {
		return nil, fmt.Errorf("the authority takes no order: %w", err)
	}
	for _, url := range order.AuthzURLs {
		if err := a.authorize(ctx, client, url); err != nil {
			return nil, err
		}
	}
	if order, err = client.WaitOrder(ctx, order.URI); err != nil {
		return nil, fmt.Errorf("the authority does not carry the order out: %w", err)
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: a.cfg.Names}, a.key)
	if err != nil {
		return nil, err
	}
	if chain, _, err = client.CreateCertFromOrder(ctx, order, request, true); err != nil {
		return nil, fmt.Errorf("the authority issues nothing: %w", err)
	}
	return chain, nil
}

// asking returns what requests are made with.
func (a *ACME) asking() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() // with the proxy of the environment
	transport.TLSClientConfig = &tls.Config{RootCAs: a.cfg.Roots}
	transport.DisableKeepAlives = true // the next time is weeks later
	return &http.Client{Timeout: requestTimeout, Transport: transport}
}

// authorize has the authority see that a name leads here.
func (a *ACME) authorize(ctx context.Context, client *acme.Client, url string) error {
	z, err := client.GetAuthorization(ctx, url)
	if err != nil {
		return fmt.Errorf("the authority does not say what it looks for: %w", err)
	}
	name := z.Identifier.Value
	if z.Status == acme.StatusValid {
		return nil
	}
	kind := overHTTP
	if a.cfg.OverTLS {
		kind = overTLS
	}
	for _, c := range z.Challenges {
		if c.Type != kind {
			continue
		}
		withdraw, err := a.answer(client, c, name)
		if err != nil {
			return err
		}
		defer withdraw()
		if _, err := client.Accept(ctx, c); err != nil {
			return fmt.Errorf("the authority does not look at %s: %w", name, err)
		}
		if _, err := client.WaitAuthorization(ctx, z.URI); err != nil {
			return fmt.Errorf("the authority has looked for %s and does not find this server there (%s): %w", name, kind, err)
		}
		return nil
	}
	return fmt.Errorf("the authority does not look at %s in the way that was chosen, %s", name, kind)
}

// answer has what the authority looks for be there until withdraw is called.
func (a *ACME) answer(client *acme.Client, c *acme.Challenge, name string) (withdraw func(), err error) {
	if c.Type == overTLS {
		made, err := client.TLSALPN01ChallengeCert(c.Token, name)
		if err != nil {
			return nil, err
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.names[name] = &made
		return func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			delete(a.names, name)
		}, nil
	}
	text, err := client.HTTP01ChallengeResponse(c.Token)
	if err != nil {
		return nil, err
	}
	path := client.HTTP01ChallengePath(c.Token)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.paths[path] = text
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.paths, path)
	}, nil
}
