package survey

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/chat"
	"mentorpulse/internal/clickhouse"
)

var (
	//go:embed queries/chat_channel.sql
	chatChannelSQL string
	//go:embed queries/chat_notices.sql
	chatNoticesSQL string
	//go:embed queries/chat_notice.sql
	chatNoticeSQL string
)

// ChatChannel is where a programme's chat hears of its waves.
type ChatChannel struct {
	ProgramID string
	Kind      chat.Kind
	Host      string // of the webhook: all of its address that is shown again
	sealed    []byte // the address
	// Since is when the channel was made: it is not told of what was before.
	// Changed is when its address was last given.
	Since, Changed time.Time
	removed        bool
}

// The states of a notice.
const (
	noticePosting = "posting" // somebody does
	noticePosted  = "posted"
	noticeWaiting = "waiting" // for another attempt
	noticeFailed  = "failed"  // until the channel's address is given again
)

// chatNotice is what a channel is told of a wave on one occasion.
type chatNotice struct {
	ProgramID string
	Survey    uuid.UUID
	Wave      uuid.UUID
	Occasion  string
	State     string
	Attempts  uint16
	At        time.Time // of the last attempt
	// Next is when another attempt may be made, also if whoever makes one is gone.
	Next   time.Time
	By     uuid.UUID // who posts it
	Fault  chat.Fault
	Status uint16 // of the channel's reply, 0 for none
}

// chatChannelTable has a revision of the store's for each row.
func (s *Store) chatChannelTable() clickhouse.Table[ChatChannel] {
	return clickhouse.Table[ChatChannel]{
		Name: "chat_channels",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "kind", Type: nameType}, {Name: "host", Type: "String"}, {Name: "sealed", Type: "String"},
			{Name: "since", Type: timeType}, {Name: "changed", Type: timeType}, {Name: "removed", Type: "Bool"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []ChatChannel) error {
			for _, c := range rows {
				if err := block.Append(c.ProgramID, string(c.Kind), c.Host, string(c.sealed), c.Since, c.Changed, c.removed, s.revision()); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// chatNoticeTable has so too.
func (s *Store) chatNoticeTable() clickhouse.Table[chatNotice] {
	return clickhouse.Table[chatNotice]{
		Name: "chat_notices",
		Columns: []clickhouse.Column{
			{Name: "program_id", Type: nameType}, {Name: "survey_id", Type: "UUID"}, {Name: "wave_id", Type: "UUID"}, {Name: "occasion", Type: nameType},
			{Name: "state", Type: nameType}, {Name: "attempts", Type: "UInt16"}, {Name: "at", Type: timeType}, {Name: "next", Type: timeType},
			{Name: "by", Type: "UUID"}, {Name: "fault", Type: nameType}, {Name: "status", Type: "UInt16"}, {Name: "revision", Type: "UInt64"},
		},
		Encode: func(block driver.Batch, rows []chatNotice) error {
			for _, n := range rows {
				err := block.Append(n.ProgramID, n.Survey, n.Wave, n.Occasion, n.State, n.Attempts, n.At, n.Next, n.By, string(n.Fault), n.Status, s.revision())
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// chatChannel returns a programme's channel, or ErrNotFound.
func (s *Store) chatChannel(ctx context.Context, programID string) (ChatChannel, error) {
	c := ChatChannel{ProgramID: programID}
	var kind, sealed string
	err := s.db.QueryRow(ctx, chatChannelSQL, clickhouse.Named("program", programID)).Scan(&kind, &c.Host, &sealed, &c.Since, &c.Changed)
	if errors.Is(err, sql.ErrNoRows) {
		return ChatChannel{}, fmt.Errorf("chat channel of %q: %w", programID, ErrNotFound)
	}
	c.Kind, c.sealed = chat.Kind(kind), []byte(sealed)
	return c, storedErr("chat channel", programID, err)
}

func (s *Store) putChatChannel(ctx context.Context, c ChatChannel) error {
	return clickhouse.Insert(ctx, s.db, s.chatChannelTable(), []ChatChannel{c})
}

func scanNotice(rows driver.Rows) (chatNotice, error) {
	var (
		n     chatNotice
		fault string
	)
	err := rows.Scan(&n.ProgramID, &n.Survey, &n.Wave, &n.Occasion, &n.State, &n.Attempts, &n.At, &n.Next, &n.By, &fault, &n.Status)
	n.Fault = chat.Fault(fault)
	return n, err
}

// chatNotices returns the newest of a programme's notices.
func (s *Store) chatNotices(ctx context.Context, programID string, most int) ([]chatNotice, error) {
	return clickhouse.Collect(ctx, s.db, "chat notices", chatNoticesSQL, scanNotice,
		clickhouse.Named("program", programID), clickhouse.Named("most", most))
}

// chatNotice returns a wave's notice on an occasion; one of no state where there
// is none yet.
func (s *Store) chatNotice(ctx context.Context, w Wave, occasion string) (chatNotice, error) {
	all, err := clickhouse.Collect(ctx, s.db, "chat notice", chatNoticeSQL, scanNotice, append(ofWave(w), clickhouse.Named("occasion", occasion))...)
	if err != nil || len(all) == 0 {
		return chatNotice{ProgramID: w.ProgramID, Survey: w.SurveyID, Wave: w.ID, Occasion: occasion}, err
	}
	return all[0], nil
}

func (s *Store) putChatNotice(ctx context.Context, n chatNotice) error {
	return clickhouse.Insert(ctx, s.db, s.chatNoticeTable(), []chatNotice{n})
}

// sealer encrypts the addresses of webhooks (AES-256-GCM). Each holds for its
// programme only.
type sealer struct{ aead cipher.AEAD }

func newSealer(secret access.Secret) sealer {
	block, err := aes.NewCipher(secret.Key("chat webhook"))
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size that it wants
	}
	return sealer{aead}
}

func (s sealer) seal(programID, text string) []byte {
	return s.aead.Seal(nil, nil, []byte(text), []byte(programID)) //nolint:gosec // it makes its own nonce
}

// errSealed is returned for an address that another secret sealed.
var errSealed = errors.New("the chat channel was stored under another secret; give its address again")

func (s sealer) open(programID string, sealed []byte) (string, error) {
	text, err := s.aead.Open(nil, nil, sealed, []byte(programID))
	if err != nil {
		return "", fmt.Errorf("programme %q: %w", programID, errSealed)
	}
	return string(text), nil
}

// newClaim names who posts a notice.
func newClaim() uuid.UUID {
	var id uuid.UUID
	_, _ = rand.Read(id[:]) // never fails
	return id
}
