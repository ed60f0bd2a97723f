package authorizer

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"
)

// refresh is how long a file is believed to be unchanged.
const refresh = 5 * time.Second

// passwordFiles holds the password files below a folder: one folder for each Secret, called NAMESPACE.NAME.
type passwordFiles struct {
	root   *os.Root
	now    func() time.Time
	log    *slog.Logger
	secret []byte

	mu      sync.Mutex
	shelves map[string]*shelf // by what the gateway calls them
	missed  time.Time         // when something missing was last reported
}

// shelf is what is known of one Secret.
type shelf struct {
	users *users
	sum   [sha256.Size]byte // of the content
	read  time.Time
}

func newPasswordFiles(dir string, now func() time.Time, log *slog.Logger) (*passwordFiles, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, sha256.Size)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	return &passwordFiles{root: root, now: now, log: log, secret: secret, shelves: map[string]*shelf{}}, nil
}

// The forms of a Secret, as the source's annotation auth-secret-type calls them.
const (
	formFile = "auth-file" // one file, under the key auth
	formMap  = "auth-map"  // one key for each user
)

// secretName is NAMESPACE.NAME; a namespace has no dot.
var secretName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?\.[a-z0-9]([-.a-z0-9]*[a-z0-9])?$`)

var errName = errors.New("not of the form auth-file/NAMESPACE.NAME or auth-map/NAMESPACE.NAME")

// find gives the users of FORM/NAMESPACE.NAME as they are now.
func (l *passwordFiles) find(ref string) (*users, error) {
	form, name, _ := strings.Cut(ref, "/")
	if form != formFile && form != formMap || !secretName.MatchString(name) {
		return nil, errName
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	s := l.shelves[ref]
	if s != nil && now.Sub(s.read) < refresh {
		return s.users, nil
	}
	file, err := l.read(form, name)
	if err != nil {
		delete(l.shelves, ref)
		l.miss(ref, err, now)
		return nil, err
	}
	sum := sha256.Sum256([]byte(file))
	if s != nil && s.sum == sum {
		s.read = now
		return s.users, nil
	}
	u := parseUsers(file, l.secret)
	l.shelves[ref] = &shelf{users: u, sum: sum, read: now}
	l.log.Info("read password file", "secret", ref, "users", len(u.hashes), "unusable", u.unusable)
	return u, nil
}

// read gives the content of a mounted Secret as one password file.
func (l *passwordFiles) read(form, name string) (string, error) {
	if form == formFile {
		b, err := l.root.ReadFile(path.Join(name, "auth"))
		return string(b), err
	}
	entries, err := fs.ReadDir(l.root.FS(), name)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "..") { // the kubelet's own
			continue
		}
		b, err := l.root.ReadFile(path.Join(name, e.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%s:%s\n", e.Name(), b)
	}
	return out.String(), nil
}

// miss reports what is missing, not more than once a minute.
func (l *passwordFiles) miss(ref string, err error, now time.Time) {
	if now.Sub(l.missed) < time.Minute {
		return
	}
	l.missed = now
	l.log.Warn("no password file: requests are refused", "secret", ref, "error", err)
}
