package analytics

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/masking"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

var (
	//go:embed queries/commenters.sql
	commentersSQL string
	//go:embed queries/comments.sql
	commentsSQL string
	//go:embed queries/roster_names.sql
	rosterNamesSQL string
)

// commenters counts the people who wrote, before any text is read.
func (r *request) commenters(ctx context.Context, waves []survey.Wave) (map[question][]wrote, error) {
	found := map[question][]wrote{}
	surveyIDs, waveIDs := ids(waves)
	_, err := clickhouse.Collect(ctx, r.db, "who wrote comments", commentersSQL, func(rows driver.Rows) (wrote, error) {
		var (
			on     question
			role   string
			people uint64
		)
		err := rows.Scan(&on.wave, &role, &on.number, &people)
		one := wrote{group{role: program.Role(role)}, int(people)}
		found[on] = append(found[on], one)
		return one, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs))
	return found, err
}

// spot is where a comment stands: it is made of what is shown alone. Equal
// comments are told apart by same, the how-manieth of them it is.
type spot struct {
	thread, wave int // in the threads and their waves
	key          uint64
	same         int
}

func (p spot) compare(o spot) int {
	return cmp.Or(cmp.Compare(p.thread, o.thread), cmp.Compare(p.wave, o.wave), cmp.Compare(p.key, o.key), cmp.Compare(p.same, o.same))
}

// comment is one that may be shown, with masking's marks in its text.
type comment struct {
	spot
	text string
}

// written reads the comments that may be shown, masked and in their order.
func (r *request) written(ctx context.Context, waves []survey.Wave, threads []*thread) ([]comment, error) {
	var allowed []string
	at := map[question]spot{}
	for t, one := range threads {
		for w, wave := range one.waves {
			if wave.verdict == suppression.Shown {
				allowed = append(allowed, fmt.Sprint(wave.question.wave, " ", wave.number))
				at[wave.question] = spot{thread: t, wave: w}
			}
		}
	}
	if len(allowed) == 0 {
		return nil, nil
	}
	mask, err := r.masker(ctx)
	if err != nil {
		return nil, err
	}
	newest := slices.Clone(waves)
	slices.Reverse(newest)
	surveyIDs, waveIDs := ids(newest)
	all, err := clickhouse.Collect(ctx, r.db, "comments", commentsSQL, func(rows driver.Rows) (comment, error) {
		var (
			on   question
			text string
		)
		err := rows.Scan(&on.wave, &on.number, &text)
		one := comment{at[on], mask.Mask(text)}
		one.key = shuffled(on.wave, threads[one.thread], one.text)
		return one, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
		clickhouse.Named("roles", roleNames(r.commentRoles())), clickhouse.Named("allowed", allowed),
		clickhouse.Named("most", r.mostComments), clickhouse.Named("most_bytes", mostCommentBytes))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b comment) int { return cmp.Or(a.compare(b.spot), strings.Compare(a.text, b.text)) })
	for i := 1; i < len(all); i++ {
		if before := all[i-1]; before.thread == all[i].thread && before.wave == all[i].wave && before.key == all[i].key {
			all[i].same = before.same + 1
		}
	}
	return all, nil
}

// shuffled places a comment among those of its wave and question. It takes the
// masked text: a place made of the name behind a mark could be computed for every
// name of the roster, and would tell which it is. The wave and the question go in
// so that the same words of one person stand in other places there.
func shuffled(wave uuid.UUID, t *thread, masked string) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%s", wave, t.questionnaire, t.item.ID, masked))
	return binary.BigEndian.Uint64(sum[:])
}

// masker masks the names of the roster, of those who left as well.
func (r *request) masker(ctx context.Context) (*masking.Masker, error) {
	people, err := clickhouse.Collect(ctx, r.db, "names of the roster", rosterNamesSQL, func(rows driver.Rows) (masking.Person, error) {
		var p masking.Person
		err := rows.Scan(&p.Name, &p.Email)
		return p, err
	}, clickhouse.Named("program", r.program.ID))
	if err != nil {
		return nil, err
	}
	return masking.New(people), nil
}

// readable puts the marks into words.
func (r *request) readable() *strings.Replacer {
	var pairs []string
	for mark, id := range map[masking.Mark]string{masking.Email: "mark-email", masking.Phone: "mark-phone", masking.Link: "mark-link",
		masking.Account: "mark-account", masking.Name: "mark-name"} {
		pairs = append(pairs, string(mark), r.messages.T(r.Lang, id))
	}
	return strings.NewReplacer(pairs...)
}
