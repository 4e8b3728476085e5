package clickhouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// landing is where the blocks of a Writer are stored first: in a key-value table
// of the engine, whose log takes a block in one write to one file, where a part
// of a MergeTree is nine new files. From there they go into their tables, many
// as one part, before the engine is asked anything and after landedFor at the
// latest, so that nobody sees the difference.
//
// A block that has landed is as safe as a part: after a crash it is found when
// the engine is opened. It may be moved twice then, which changes nothing, since
// rows are upserts.
type landing struct {
	engine *engine
	// lock is held, by a value in it, while the rest is read or changed.
	lock   chan struct{}
	blocks []landed // what is in the table, oldest first
	size   int      // bytes of data in blocks
	// lost: a block may be in the table that blocks does not have, since storing it
	// ended in an error. It was not acknowledged, and must not come back.
	lost bool
	next uint64 // number of the next block
	// fits has the targets whose table has taken a block since tables were
	// changed. Blocks land for them only, so that no table refuses them later.
	fits  map[string]bool
	timer *time.Timer // nil before the first block
}

// landed is an INSERT with its data.
type landed struct {
	database, sql string
	data          []byte
}

const (
	// landedFor is how long a block waits to be moved when nothing asks for it.
	landedFor = time.Second
	// landedSize is how many bytes of data may wait: some 10,000 answers.
	landedSize = 2 << 20
	// moveTimeout bounds moving what has landed.
	moveTimeout = 30 * time.Second

	landingOffer    = "SELECT name, '', '' FROM system.table_engines WHERE name = 'EmbeddedRocksDB'"
	landingDatabase = "CREATE DATABASE IF NOT EXISTS mentorpulse_landing"
	// By default every insert makes a sorted file instead of a line in the log.
	landingTable = "CREATE TABLE IF NOT EXISTS mentorpulse_landing.blocks (id UInt64, database String, sql String, data String)" +
		" ENGINE = EmbeddedRocksDB PRIMARY KEY id SETTINGS optimize_for_bulk_insert = 0"
	landingInsert = "INSERT INTO mentorpulse_landing.blocks (id, database, sql, data)"
	landingSelect = "SELECT database, sql, data FROM mentorpulse_landing.blocks ORDER BY id"
	// TRUNCATE takes twenty times as long, and removes files one by one: a
	// crash amidst them would leave a table that does not open.
	landingEmpty = "DELETE FROM mentorpulse_landing.blocks WHERE 1"
)

// landingKey marks a context whose inserts may land.
type landingKey struct{}

// withLanding lets inserts land, where there is a landing: on a server there is
// none.
func withLanding(ctx context.Context) context.Context {
	return context.WithValue(ctx, landingKey{}, true)
}

func mayLand(ctx context.Context) bool { return ctx.Value(landingKey{}) != nil }

// newLanding makes the landing and moves what a crash has left in it. It is nil
// when the engine was built without key-value tables, as for some platforms.
func newLanding(ctx context.Context, e *engine) (*landing, error) {
	l := &landing{engine: e, lock: make(chan struct{}, 1), fits: map[string]bool{}}
	offered, err := l.read(ctx, landingOffer)
	if err != nil || len(offered) == 0 {
		return nil, err
	}
	for _, sql := range []string{landingDatabase, landingTable} {
		if err := l.exec(ctx, statement{sql: sql}); err != nil {
			return nil, err
		}
	}
	if l.blocks, err = l.read(ctx, landingSelect); err != nil {
		return nil, err
	}
	return l, l.settle(ctx)
}

// put stores the data of an INSERT.
func (l *landing) put(ctx context.Context, s statement, data []byte) error {
	if err := l.hold(ctx); err != nil {
		return err
	}
	defer l.release()
	one := landed{s.database, s.sql, data}
	if !l.fits[one.target()] {
		err := l.engine.insert(ctx, s, data)
		l.fits[one.target()] = err == nil
		return err
	}
	if l.size+len(data) > landedSize {
		if err := l.move(); err != nil {
			return err
		}
	}
	l.next++ // also when it fails, for the block may be there nevertheless
	// Text is stored by the calling thread; a stream of blocks would pass through
	// three others, which takes longer, above all on a busy machine.
	s.sql = fmt.Sprintf("%s VALUES (%d, %s, %s, %s)", landingInsert, l.next, quoteString(one.database), quoteString(one.sql), quoteString(string(data)))
	s.settings["max_threads"] = "1" // a tenth less, as there is nothing to divide
	if err := l.exec(ctx, s); err != nil {
		l.lost = true
		return err
	}
	l.blocks, l.size = append(l.blocks, one), l.size+len(data)
	if len(l.blocks) == 1 {
		l.timer = time.AfterFunc(landedFor, l.due)
	}
	return nil
}

// settle moves what has landed, so that the next statement finds it.
func (l *landing) settle(ctx context.Context) error {
	if err := l.hold(ctx); err != nil {
		return err
	}
	defer l.release()
	return l.move()
}

// alone moves what has landed and keeps anything else from landing while run
// changes tables. After that, each table says anew what it takes.
func (l *landing) alone(ctx context.Context, run func() error) error {
	if err := l.hold(ctx); err != nil {
		return err
	}
	defer l.release()
	if err := l.move(); err != nil {
		return err
	}
	clear(l.fits)
	return run()
}

// due moves what nothing has asked for.
func (l *landing) due() {
	ctx := context.Background()
	if err := l.settle(ctx); err != nil {
		slog.ErrorContext(ctx, "the next statement will try again", "error", err)
	}
}

// move puts the blocks into their tables, neighbours of one table together, and
// empties the landing. The caller holds the lock.
func (l *landing) move() error {
	if len(l.blocks) == 0 && !l.lost {
		return nil
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	// Whoever is first to ask moves for all, so it is not bound to one context.
	ctx, cancel := context.WithTimeout(context.Background(), moveTimeout)
	defer cancel()
	for rest := l.blocks; len(rest) > 0; {
		var data bytes.Buffer
		first := rest[0]
		for len(rest) > 0 && rest[0].target() == first.target() {
			data.Write(rest[0].data)
			rest = rest[1:]
		}
		s := statement{sql: first.sql, database: first.database, settings: map[string]string{"async_insert": "0"}}
		if err := l.engine.insert(ctx, s, data.Bytes()); err != nil {
			return fmt.Errorf("move stored rows into their table: %w", err)
		}
	}
	if err := l.exec(ctx, statement{sql: landingEmpty}); err != nil {
		return err
	}
	l.blocks, l.size, l.lost = nil, 0, false
	return nil
}

// hold waits for the lock.
func (l *landing) hold(ctx context.Context) error {
	select {
	case l.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *landing) release() { <-l.lock }

// target tells apart inserts that cannot be put together.
func (b landed) target() string { return b.database + "\n" + b.sql }

func (l *landing) exec(ctx context.Context, s statement) error {
	r, err := l.engine.run(ctx, s)
	if err != nil {
		return fmt.Errorf("landing: %w", err)
	}
	return r.Close()
}

// read runs a query of three strings.
func (l *landing) read(ctx context.Context, query string) ([]landed, error) {
	r, err := l.engine.run(ctx, statement{sql: query})
	if err != nil {
		return nil, fmt.Errorf("landing: %w", err)
	}
	defer func() { _ = r.Close() }()
	var all []landed
	for blocks := proto.NewReader(r); ; {
		var (
			block               proto.Block
			database, sql, data proto.ColStr
		)
		err := block.DecodeRawBlock(blocks, 0, proto.Results{{Data: &database}, {Data: &sql}, {Data: &data}})
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("landing: %w", err)
		}
		for i := range block.Rows {
			all = append(all, landed{database.Row(i), sql.Row(i), []byte(data.Row(i))})
		}
	}
}
