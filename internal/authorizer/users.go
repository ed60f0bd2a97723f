package authorizer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"sync"
	"time"
)

const (
	// mostVerified bounds what is remembered of one file.
	mostVerified = 1024
	// rememberFor is how long credentials are believed without a check, while their file stays as it is.
	rememberFor = 5 * time.Minute
)

// users are the entries of one password file. A file that changes becomes other users, so that nothing that was verified
// against the old one is remembered.
type users struct {
	hashes map[string]hash
	// decoy is checked when a user is unknown, so that the duration does not tell who exists: the entry that takes longest.
	decoy    hash
	unusable int // entries that are not understood

	secret   []byte // key of what is remembered
	mu       sync.Mutex
	verified map[[sha256.Size]byte]time.Time // until when
}

// parseUsers reads a password file as nginx does: the first line of a user counts, # begins a comment line, a second colon
// ends the hash.
func parseUsers(file string, secret []byte) *users {
	u := &users{hashes: map[string]hash{}, secret: secret, verified: map[[sha256.Size]byte]time.Time{}}
	known := forms()
	seen := map[string]bool{}
	for line := range strings.Lines(file) {
		line = strings.TrimRight(line, "\r\n")
		name, entry, ok := strings.Cut(line, ":")
		if !ok || name == "" || line[0] == '#' || seen[name] {
			continue
		}
		seen[name] = true
		entry, _, _ = strings.Cut(entry, ":")
		h, ok := parseHash(known, entry)
		if !ok {
			u.unusable++
			continue
		}
		u.hashes[name] = h
		if u.decoy.EncodedPasswd == nil || h.cost > u.decoy.cost {
			u.decoy = h
		}
	}
	return u
}

// check computes the hash. Every refusal takes as long as the file's slowest entry.
func (u *users) check(name, password string) bool {
	h, known := u.hashes[name]
	if known && h.MatchesPassword(password) {
		return true
	}
	if u.decoy.EncodedPasswd != nil && (!known || h.cost < u.decoy.cost) {
		u.decoy.MatchesPassword(password)
	}
	return false
}

// key stands for credentials. Nobody who reads the memory of what is remembered gets passwords from it without the secret.
func (u *users) key(name, password string) (k [sha256.Size]byte) {
	m := hmac.New(sha256.New, u.secret)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(name)))
	m.Write(n[:])
	m.Write([]byte(name))
	m.Write([]byte(password))
	m.Sum(k[:0])
	return k
}

// remembers tells whether the credentials were verified a short time ago.
func (u *users) remembers(k [sha256.Size]byte, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return now.Before(u.verified[k])
}

// remember notes verified credentials. When there is no room, all that was noted goes.
func (u *users) remember(k [sha256.Size]byte, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.verified) >= mostVerified {
		clear(u.verified)
	}
	u.verified[k] = now.Add(rememberFor)
}
