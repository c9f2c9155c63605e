package cert

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"

	"parley/p2p/ownfile"
)

const (
	// obtainTimeout is how long a certificate authority may take. Its checks take seconds.
	obtainTimeout = 5 * time.Minute

	// lookAgain is how often it is looked at least whether a certificate is to be renewed: the
	// clock may have been set, or the machine have slept.
	lookAgain = time.Hour

	// After a failure it is tried again later, and later each time: authorities take five
	// failures of a name in an hour, as Let's Encrypt does, and then none for some time.
	firstPause = 4 * time.Minute
	lastPause  = 6 * time.Hour
)

// errNoneYet is why a handshake fails before there is a certificate.
var errNoneYet = errors.New("the certificate authority has not issued a certificate yet")

// An ACMEConfig says whose certificates are obtained, and where.
type ACMEConfig struct {
	Names     []string       // of this server, one certificate for all
	Directory string         // of the authority, a URL; RFC 8555, section 7.1.1
	Roots     *x509.CertPool // who vouches for the authority's own certificate; nil: whom the system believes
	Email     string         // where the authority reaches the owner; "": nowhere
	Folder    string         // keeps the keys and the certificate; made if it is not there
	OverTLS   bool           // the authority looks for its challenge where TLS is spoken (RFC 8737), else by HTTP
	Clock     func() time.Time
	Log       *slog.Logger
}

// ACME is a certificate that an authority issues by the ACME protocol (RFC 8555) and that is
// renewed when a third of its time is left. A handshake takes what is in memory and waits for
// nothing. The methods may be called from any goroutine, Update from one at a time.
//
// autocert, which is beside the package that this uses, would ask the authority within a
// handshake, and say nothing of a renewal that fails.
type ACME struct {
	cfg     ACMEConfig
	account *ecdsa.PrivateKey
	key     *ecdsa.PrivateKey // stays the same, and with it the fingerprint
	current atomic.Pointer[tls.Certificate]

	mu    sync.Mutex
	paths map[string]string           // what the authority looks for by HTTP
	names map[string]*tls.Certificate // and with TLS
}

// OpenACME reads what a folder keeps, and makes keys if there are none. It asks nobody.
func OpenACME(cfg ACMEConfig) (*ACME, error) {
	a := &ACME{cfg: cfg, paths: make(map[string]string), names: make(map[string]*tls.Certificate)}
	if err := ownfile.MakeFolder(cfg.Folder); err != nil {
		return nil, fmt.Errorf("making a folder for certificates: %w", err)
	}
	var err error
	if a.account, err = openKey(filepath.Join(cfg.Folder, "account-key.pem"), rand.Reader); err != nil {
		return nil, err
	}
	if a.key, err = openKey(filepath.Join(cfg.Folder, "key.pem"), rand.Reader); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(a.path())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return a, nil
	case err != nil:
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	if c, err := a.parse(text); err != nil {
		cfg.Log.Warn("the certificate that was kept cannot be used, and another one is obtained", "file", a.path(), "error", err)
	} else {
		a.use(c)
	}
	return a, nil
}

func (a *ACME) path() string { return filepath.Join(a.cfg.Folder, "cert.pem") }

// Config returns what a server speaks TLS with, 1.2 and above, that shows the certificate,
// and its answer to an authority that looks for one.
func (a *ACME) Config() *tls.Config {
	c := config(func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		if c := a.current.Load(); c != nil {
			return c, nil
		}
		return nil, errNoneYet
	})
	challenge := config(a.challenge)
	challenge.NextProtos = []string{acme.ALPNProto}
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if slices.Equal(hello.SupportedProtos, challenge.NextProtos) {
			return challenge, nil
		}
		return nil, nil
	}
	return c
}

func (a *ACME) challenge(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.names[hello.ServerName]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("no authority is to look for an answer at %q now", hello.ServerName)
}

// ServeHTTP answers an authority that looks for an answer by HTTP, and nobody else.
func (a *ACME) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	answer, is := a.paths[r.URL.Path]
	a.mu.Unlock()
	if !is {
		http.Error(w, "This is a chat server, and this port only answers its certificate authority.", http.StatusNotFound)
		return
	}
	_, _ = w.Write([]byte(answer))
}

// Run obtains and renews until ctx ends. What fails is logged and tried again; the
// certificate of before goes on.
func (a *ACME) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		wait := lookAgain
		if err := a.Update(ctx); err == nil {
			pause = firstPause
		} else if ctx.Err() == nil {
			wait = pause
			pause = min(2*pause, lastPause)
			a.logFailure(err, wait)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (a *ACME) logFailure(err error, wait time.Duration) {
	until := "there is none, and who connects with TLS is refused"
	if c := a.current.Load(); c != nil {
		until = "the one of before is shown, which is valid until " + c.Leaf.NotAfter.Format(time.RFC3339)
	}
	a.cfg.Log.Error("no certificate was obtained: "+until, "names", a.cfg.Names, "again", wait.String(), "error", err)
}

// Update obtains a certificate if there is none for the names, or a third of its time or less
// is left.
func (a *ACME) Update(ctx context.Context) error {
	if c := a.current.Load(); c != nil {
		lasts := c.Leaf.NotAfter.Sub(c.Leaf.NotBefore)
		if a.cfg.Clock().Before(c.Leaf.NotAfter.Add(-lasts / 3)) {
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(ctx, obtainTimeout)
	defer cancel()
	chain, err := a.obtain(ctx)
	if err != nil {
		return err
	}
	var text []byte
	for _, der := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	c, err := a.parse(text)
	if err != nil {
		return fmt.Errorf("the authority has issued what cannot be used: %w", err)
	}
	a.use(c) // also if it cannot be kept
	if err := ownfile.Replace(a.path(), text); err != nil {
		a.cfg.Log.Error("the certificate is not kept, and another one is obtained at the next start", "file", a.path(), "error", err)
	}
	return nil
}

// parse reads a certificate with those of its issuers, which must be for the key and names.
func (a *ACME) parse(text []byte) (*tls.Certificate, error) {
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, err
	}
	c, err := tls.X509KeyPair(text, pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}))
	if err != nil {
		return nil, err
	}
	for _, name := range a.cfg.Names {
		if err := c.Leaf.VerifyHostname(name); err != nil {
			return nil, err
		}
	}
	return &c, nil
}

func (a *ACME) use(c *tls.Certificate) {
	a.current.Store(c)
	a.cfg.Log.Info("TLS has a certificate", "names", c.Leaf.DNSNames, "until", c.Leaf.NotAfter, "fingerprint", Fingerprint(c.Leaf))
}
