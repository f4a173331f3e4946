package store

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"jwt-check-bot/redact"
)

// shared is the Redis. Every value that it returns is bounded, whoever wrote it.
type shared struct {
	client *redis.Client
	prefix string
}

const (
	stepTimeout = 500 * time.Millisecond // to connect, to write, to read
	callTimeout = time.Second            // a whole call, with one repetition
	longestKey  = 128                    // of what is kept, in bytes; a longer one is hashed
	fewOverdue  = 16                     // abandoned claims that one replica takes at a time
)

var errURL = errors.New("must be memory:, or redis://HOST:PORT, rediss:// over TLS, with USER:PASSWORD@ before the host and /DATABASE behind it where needed")

// parseURL reads where the store is; nil is the memory alone. Errors of net/url quote what they read,
// and so do go-redis's, whose URLs can also switch off the verification of certificates.
func parseURL(secret redact.Secret) (*redis.Options, error) {
	raw := secret.Expose()
	if raw == "" || raw == "memory:" {
		return nil, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return nil, errURL
	}
	o := &redis.Options{
		Addr:        net.JoinHostPort(u.Hostname(), "6379"),
		DialTimeout: stepTimeout, ReadTimeout: stepTimeout, WriteTimeout: stepTimeout, PoolTimeout: callTimeout,
		ContextTimeoutEnabled: true, DialerRetries: 1, MaxRetries: 1, // each call may be repeated: it knows its own value
		PoolSize: 16, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if port := u.Port(); port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return nil, errURL
		}
		o.Addr = net.JoinHostPort(u.Hostname(), port)
	}
	if u.User != nil {
		o.Username = u.User.Username()
		o.Password, _ = u.User.Password()
	}
	if db := strings.TrimPrefix(u.Path, "/"); db != "" {
		if o.DB, err = strconv.Atoi(db); err != nil || o.DB < 0 {
			return nil, errURL
		}
	}
	switch u.Scheme {
	case "redis":
	case "rediss":
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname()}
	default:
		return nil, errURL
	}
	return o, nil
}

func newShared(o *redis.Options, prefix string) *shared {
	logging.Disable() // its lines are no JSON, do not pass the log's net, and name addresses
	return &shared{client: redis.NewClient(o), prefix: prefix}
}

func (r *shared) key(k *Kind, key string) string {
	if len(key) > longestKey {
		sum := sha256.Sum256([]byte(key))
		key = hex.EncodeToString(sum[:])
	}
	return r.prefix + k.name + ":" + key
}

// open is the list of claims under way: the name of each, by when its lease ends.
func (r *shared) open() string { return r.prefix + "open" }

// The scripts read at most so many bytes, which is one more than whatever was sealed here has.
const bound = redact.MaxSealed

// In Lua, since what is looked at and what is written must be one step. Deadlines are told by Redis's
// clock, on which all replicas agree.
var (
	claimScript = redis.NewScript(`
local had = redis.call('GETRANGE', KEYS[1], 0, ARGV[5])
if had ~= '' and had ~= ARGV[1] then return had end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if ARGV[4] ~= '' then
	local t = redis.call('TIME')
	redis.call('ZADD', KEYS[2], t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[3], ARGV[4])
	redis.call('PEXPIRE', KEYS[2], 86400000)
end
return ARGV[1]`)

	swapScript = redis.NewScript(`
local had = redis.call('GETRANGE', KEYS[1], 0, ARGV[4])
if had ~= ARGV[1] and had ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)

	forgetScript = redis.NewScript(`
if ARGV[1] ~= '' and redis.call('GETRANGE', KEYS[1], 0, ARGV[2]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`)

	renewScript = redis.NewScript(`
local t = redis.call('TIME')
local deadline = t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[1]
for i = 3, #ARGV do
	if ARGV[2] == 'XX' then redis.call('ZADD', KEYS[1], 'XX', deadline, ARGV[i]) else redis.call('ZADD', KEYS[1], deadline, ARGV[i]) end
end
redis.call('PEXPIRE', KEYS[1], 86400000)
return 1`)

	overdueScript = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local late = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])
for _, member in ipairs(late) do redis.call('ZADD', KEYS[1], 'XX', now + ARGV[1], member) end
return late`)
)

// claim keeps value under key, unless something is there, and returns what is there then.
func (r *shared) claim(ctx context.Context, key, member string, value []byte, ttl, lease time.Duration) ([]byte, error) {
	s, err := claimScript.Run(ctx, r.client, []string{key, r.open()}, value, ttl.Milliseconds(), lease.Milliseconds(), member, bound).Text()
	return []byte(s), err
}

// get returns what is under key; nothing where nothing is.
func (r *shared) get(ctx context.Context, key string) ([]byte, error) {
	s, err := r.client.GetRange(ctx, key, 0, bound).Result()
	return []byte(s), err
}

func (r *shared) put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return r.client.Set(ctx, key, value, ttl).Err()
}

// swap puts after in place of before, and reports whether before was still there.
func (r *shared) swap(ctx context.Context, key string, before, after []byte, ttl time.Duration) (bool, error) {
	return swapScript.Run(ctx, r.client, []string{key}, before, after, ttl.Milliseconds(), bound).Bool()
}

// forget deletes key while it holds value, or whatever it holds if value is empty.
func (r *shared) forget(ctx context.Context, key string, value []byte) error {
	return forgetScript.Run(ctx, r.client, []string{key}, value, bound).Err()
}

// renew moves the ends of the leases; with only those that are known.
func (r *shared) renew(ctx context.Context, members []string, lease time.Duration, known bool) error {
	args := []any{lease.Milliseconds(), ""}
	if known {
		args[1] = "XX"
	}
	for _, m := range members {
		args = append(args, m)
	}
	return renewScript.Run(ctx, r.client, []string{r.open()}, args...).Err()
}

// overdue returns claims whose lease has ended, and gives each a new one.
func (r *shared) overdue(ctx context.Context, lease time.Duration) ([]string, error) {
	return overdueScript.Run(ctx, r.client, []string{r.open()}, lease.Milliseconds(), fewOverdue).StringSlice()
}

// close takes a claim off the list of those under way.
func (r *shared) close(ctx context.Context, member string) error {
	return r.client.ZRem(ctx, r.open(), member).Err()
}

// probe writes and reads a key of its own: a Redis that is read-only or full is of no use.
func (r *shared) probe(ctx context.Context) error {
	return r.client.Set(ctx, r.prefix+"probe", "1", time.Minute).Err()
}
