#include "keystore/backup/older_backup.h"

#include <gtest/gtest.h>

#include "keystore/backup/contents.h"
#include "tests/unit/backup/backup_fixture.h"
#include "tests/unit/store/older_store.h"

namespace sifguard {
namespace {

using OlderBackup = test::BackupFixture;

/// What an older sifguard would have made of the same keystore.
Archive older(Archive archive) {
  for (ArchiveFile& file : archive.files) {
    if (file.name.ends_with(".json")) file.name.replace(file.name.size() - 5, 5, ".yaml");
    if (file.name.starts_with("image-signers/")) file.name.erase(0, 6);
  }
  std::sort(archive.files.begin(), archive.files.end(),
            [](const ArchiveFile& a, const ArchiveFile& b) { return a.name < b.name; });
  return archive;
}

TEST_F(OlderBackup, IsOneOfToday) {
  Backup backup = collect();
  const std::string today = names_of(backup);
  backup.archive = older(std::move(backup.archive));
  EXPECT_NE(names_of(backup), today);
  EXPECT_FALSE(read_contents(backup));
  ASSERT_TRUE(use_newer_names(backup.archive));
  EXPECT_EQ(names_of(backup), today);
  EXPECT_TRUE(read_contents(backup));
  EXPECT_TRUE(encode_archive(backup.archive));
}

TEST_F(OlderBackup, OfTodayStaysAsItIs) {
  Backup backup = collect();
  const std::string today = names_of(backup);
  ASSERT_TRUE(use_newer_names(backup.archive));
  EXPECT_EQ(names_of(backup), today);
}

TEST_F(OlderBackup, WithTwoFilesOfOneNameIsRefused) {
  Backup backup = collect();
  ArchiveFile second = *backup.archive.find("seal.json");
  second.name = "seal.yaml";
  backup.archive.files.push_back(std::move(second));
  const Status done = use_newer_names(backup.archive);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Code::refused);
  EXPECT_NE(done.error().line().find("seal.json by two names"), std::string::npos);
}

}  // namespace
}  // namespace sifguard
