package migrations

import "fmt"

// versions is goose's bookkeeping in a table that replicates like the others,
// which goose's own ClickHouse dialect does not give on a cluster.
type versions struct{ target Target }

func (v versions) CreateTable(table string) string {
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s%s (version_id Int64, is_applied UInt8, tstamp DateTime DEFAULT now(), revision UInt64 DEFAULT toUnixTimestamp64Micro(now64(6))) ENGINE = %s ORDER BY (version_id)",
		table, v.target.OnCluster(), v.target.Replacing(table))
}

func (v versions) InsertVersion(table string) string {
	return fmt.Sprintf("INSERT INTO %s (version_id, is_applied) SELECT $1, $2", table)
}

func (v versions) DeleteVersion(table string) string {
	return fmt.Sprintf("INSERT INTO %s (version_id, is_applied) SELECT $1, 0", table)
}

func (v versions) GetMigrationByVersion(table string) string {
	return fmt.Sprintf("SELECT tstamp, is_applied FROM %s FINAL WHERE version_id = $1 AND is_applied = 1", table)
}

func (v versions) ListMigrations(table string) string {
	return fmt.Sprintf("SELECT version_id, is_applied FROM %s FINAL WHERE is_applied = 1 ORDER BY version_id DESC", table)
}

func (v versions) GetLatestVersion(table string) string {
	return fmt.Sprintf("SELECT if(count() = 0, NULL, max(version_id)) FROM %s FINAL WHERE is_applied = 1", table)
}
