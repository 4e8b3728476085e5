package clickhouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"
)

// child is this test binary again, doing one job on a data directory: a process
// has one engine, and some tests need two, or one that is killed.
func child(t *testing.T, job, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CLICKHOUSE_TEST_CHILD="+job, "CLICKHOUSE_TEST_DIR="+dir)
	return cmd
}

// runChild does the job and returns the exit code.
func runChild(job string) int {
	ctx := context.Background()
	db, err := Open(ctx, Config{DataDir: os.Getenv("CLICKHOUSE_TEST_DIR")})
	if err != nil {
		fmt.Print(err)
		return 3
	}
	switch job {
	case "open":
	case "write":
		err = writeForever(ctx, db)
	case "list":
		err = listStored(ctx, db)
	}
	if err = errors.Join(err, db.CloseEngine()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// idTable is a table of nothing but ids.
func idTable() Table[uuid.UUID] {
	return Table[uuid.UUID]{
		Name:    "ids",
		Columns: []Column{{"id", "UUID"}},
		Encode: func(block driver.Batch, rows []uuid.UUID) error {
			return block.Column(0).Append(rows)
		},
	}
}

const createIDs = "CREATE TABLE IF NOT EXISTS ids (id UUID) ENGINE = ReplacingMergeTree ORDER BY id"

// writeForever prints every id that was acknowledged.
func writeForever(ctx context.Context, db *DB) error {
	if err := db.Exec(ctx, createIDs); err != nil {
		return err
	}
	w := NewWriter(db, idTable(), 100, 100)
	defer w.Close()
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for {
				id := uuid.New()
				if err := w.Write(ctx, id); err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				fmt.Println(id)
			}
		})
	}
	group.Wait()
	return nil
}

func listStored(ctx context.Context, db *DB) error {
	rows, err := db.Query(ctx, "SELECT id FROM ids")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id uuid.UUID
		if err := rows.Scan(&id); err != nil {
			return err
		}
		fmt.Println(id)
	}
	return rows.Err()
}

func TestKilledUnderWritersKeepsWhatItAcknowledged(t *testing.T) {
	dir := t.TempDir()
	writing := child(t, "write", dir)
	writing.Stderr = os.Stderr
	out, err := writing.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writing.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if len(lines.Text()) == len(uuid.Nil.String()) {
			acknowledged = append(acknowledged, lines.Text())
		}
		if len(acknowledged) == 2000 {
			if err := writing.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := writing.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the writing process ended: %v", err)
	}
	if len(acknowledged) < 2000 {
		t.Fatalf("%d rows acknowledged", len(acknowledged))
	}
	listing := child(t, "list", dir)
	listing.Stderr = os.Stderr
	list, err := listing.Output()
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	for line := range strings.Lines(string(list)) {
		stored[strings.TrimSpace(line)] = true
	}
	missing := 0
	for _, id := range acknowledged {
		if !stored[id] {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d acknowledged rows are missing", missing, len(acknowledged))
	}
}

func TestSecondProcessOnADirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	writing := child(t, "write", dir)
	out, err := writing.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writing.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		t.Error("the first process does not write")
	}
	start := time.Now()
	said, err := child(t, "open", dir).CombinedOutput()
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("refused after %s", took)
	}
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("the second process ended with %v", err)
	}
	oneLineError(t, errors.New(string(said)), ErrDataInUse.Error(), dir, "stop", "--data")
	if err := writing.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = writing.Wait()
	if said, err := child(t, "open", dir).CombinedOutput(); err != nil {
		t.Errorf("after the first process has gone: %v %s", err, said)
	}
}
