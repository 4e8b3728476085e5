package clickhouse

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// texts are the strings that are easily broken on the way.
var texts = []string{
	"", " ", "plain", "new\nline", "\n\nblank lines\n\n", "tab\tcr\r", `back\slash \n \\ \0`, `'single' "double" ` + "`back`",
	"nul\x00byte", "Чи вільно ви користуєтеся чатами? Так, «дуже» — п’ять", "🎉👩🏽‍💻", "\u202eright to left", "=1+1", "\\N", "NULL",
	"{name:String}", "%s ? $1 @name", "-- no comment", "/* nor */ this", ";", "\x01\x1f\x7f", strings.Repeat("довгий ", 5000),
}

func TestParametersComeBackUnchanged(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		for _, text := range texts {
			if got := scan[string](t, db, "SELECT {s:String}", Named("s", text)); got != text {
				t.Errorf("String %.40q came back as %.40q", text, got)
			}
			if got := scan[*string](t, db, "SELECT {s:Nullable(String)}", Named("s", &text)); text != "\\N" && (got == nil || *got != text) {
				t.Errorf("Nullable(String) %.40q came back as %v", text, got)
			}
		}
		id, at := uuid.New(), time.Date(2026, 2, 28, 23, 59, 59, 987e6, time.UTC)
		for _, test := range []struct {
			typ   string
			value any
		}{
			{typ: "Array(String)", value: texts},
			{typ: "Array(String)", value: []string{}},
			{typ: "Array(UInt16)", value: []uint16{0, 1, 65535}},
			{typ: "Array(UInt16)", value: []uint16{}},
			{typ: "Array(Float32)", value: []float32{-1.5, 0, 3.25}},
			{typ: "Array(UUID)", value: []uuid.UUID{id, {}}},
			{typ: "Map(String, String)", value: map[string]string{"відділ": "Продажі «Київ»", "quote": `it's "x" \`, "line": "a\nb\tc"}},
			{typ: "UUID", value: id},
			{typ: "DateTime64(3, 'UTC')", value: at},
			{typ: "Nullable(UUID)", value: (*uuid.UUID)(nil)},
			{typ: "Nullable(Float64)", value: (*float64)(nil)},
			{typ: "UInt64", value: uint64(1<<64 - 1)},
			{typ: "Int8", value: int8(-128)},
			{typ: "Float64", value: -0.1},
			{typ: "Bool", value: true},
		} {
			got := reflect.New(reflect.TypeOf(test.value))
			if err := db.QueryRow(t.Context(), "SELECT {v:"+test.typ+"}", Named("v", test.value)).Scan(got.Interface()); err != nil {
				t.Errorf("%s %.60v: %v", test.typ, test.value, err)
				continue
			}
			if !reflect.DeepEqual(got.Elem().Interface(), test.value) {
				t.Errorf("%s %.60v came back as %.60v", test.typ, test.value, got.Elem().Interface())
			}
		}
	})
}

type everyType struct {
	ID         uuid.UUID         `ch:"id"`
	Text       string            `ch:"text"`
	Low        string            `ch:"low"`
	Maybe      *string           `ch:"maybe"`
	Final      bool              `ch:"final"`
	Items      []uint16          `ch:"items"`
	Values     []float32         `ch:"values"`
	Goals      []uuid.UUID       `ch:"goals"`
	Ratings    []int8            `ch:"ratings"`
	Texts      []string          `ch:"texts"`
	Attributes map[string]string `ch:"attributes"`
	At         time.Time         `ch:"at"`
	Revision   uint64            `ch:"revision"`
}

func TestBatchComesBackUnchanged(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		mustExec(t, db, "CREATE TABLE every_type (id UUID, text String, low LowCardinality(String), maybe Nullable(String),"+
			" final Bool, items Array(UInt16), `values` Array(Float32), goals Array(UUID), ratings Array(Int8), texts Array(String),"+
			" attributes Map(LowCardinality(String), LowCardinality(String)), at DateTime64(3, 'UTC'), revision UInt64)"+
			" ENGINE = MergeTree ORDER BY revision")
		batch, err := db.PrepareBatch(t.Context(), "INSERT INTO every_type")
		if err != nil {
			t.Fatal(err)
		}
		var want []everyType
		for i, text := range texts {
			row := everyType{
				ID: uuid.New(), Text: text, Low: text, Final: i%2 == 0,
				Items: make([]uint16, i%4), Values: make([]float32, i%4), Goals: make([]uuid.UUID, i%3), Ratings: make([]int8, i%3),
				Texts: texts[:i], Attributes: map[string]string{"текст": text, text: "value"},
				At: time.Date(2026, 1, 1, 0, 0, i, 123e6, time.UTC), Revision: uint64(i),
			}
			if i%3 == 0 {
				row.Maybe = &text
			}
			if err := batch.AppendStruct(&row); err != nil {
				t.Fatal(err)
			}
			want = append(want, row)
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
		var got []everyType
		if err := db.Select(t.Context(), &got, "SELECT * FROM every_type ORDER BY revision"); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d rows, want %d", len(got), len(want))
		}
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Errorf("row %d: got %.300v\nwant %.300v", i, got[i], want[i])
			}
		}
	})
}

func TestInlineValuesKeepTheirNewlines(t *testing.T) {
	everyWay(t, func(t *testing.T, db *DB) {
		mustExec(t, db, "CREATE TABLE inline (id Int64, text String) ENGINE = MergeTree ORDER BY id")
		for i, text := range texts {
			mustExec(t, db, "INSERT INTO inline (id, text) VALUES (?, ?)", i, text)
			mustExec(t, db, "INSERT INTO inline (id, text)\nVALUES\n\n ({id:Int64},\n\n{text:String})", Named("id", 100+i), Named("text", text))
		}
		mustExec(t, db, "INSERT INTO inline (id, text) VALUES (1000, 'a\n\nb; '), (1001, '');\n")
		for i, text := range texts {
			for _, id := range []int{i, 100 + i} {
				if got := scan[string](t, db, "SELECT text FROM inline WHERE id = {id:Int64}", Named("id", id)); got != text {
					t.Errorf("%.40q was stored as %.40q", text, got)
				}
			}
		}
		if got := scan[string](t, db, "SELECT text FROM inline WHERE id = 1000"); got != "a\n\nb; " {
			t.Errorf("stored %q", got)
		}
	})
}

func TestInlineDataOfAnotherFormatIsRefused(t *testing.T) {
	db := inProcess(t)
	mustExec(t, db, "CREATE TABLE inline (id Int64, text String) ENGINE = MergeTree ORDER BY id")
	for _, sql := range []string{
		"INSERT INTO inline FORMAT CSV 1,a\n\n2,b",
		"insert into inline (id, text) format JSONEachRow {\"id\": 1}",
		"INSERT INTO inline (id) SETTINGS max_threads = 1 FORMAT TSV\n1",
	} {
		oneLineError(t, db.Exec(t.Context(), sql), "batch")
	}
	mustExec(t, db, "INSERT INTO inline VALUES (1, 'FORMAT CSV 2,b')")
	mustExec(t, db, "INSERT INTO inline (id, text) SELECT 2, '(x) FORMAT CSV 3,c'")
	mustExec(t, db, "INSERT INTO inline (id, text) FORMAT Values (3, 'd')")
	if n := scan[uint64](t, db, "SELECT count() FROM inline"); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}
