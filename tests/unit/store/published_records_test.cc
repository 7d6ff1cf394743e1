// What was published from what: read as written, and nothing that is put together otherwise.
#include "keystore/store/published_records.h"

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

class PublishedRecords : public test::StoreFixture {
 protected:
  static PublishedRecord record(const std::string& name) {
    PublishedRecord made;
    made.name = name;
    made.digest = "sha256:" + std::string(64, 'a');
    made.source_path = "/apps/\"x\"\n.sif";
    made.source_digest = "sha256:" + std::string(64, 'b');
    made.source_key = std::string(64, 'c');
    made.source_signers = {"spki:" + std::string(64, 'd'), "x509:subject:CN=c"};
    return made;
  }
  [[nodiscard]] std::string file() const { return path() + "/published.json"; }
};

TEST_F(PublishedRecords, AreReadAsWrittenOneForEachName) {
  EXPECT_TRUE(published_records(*store_)->empty());
  ASSERT_TRUE(remove_published(*store_, "none"));
  EXPECT_FALSE(std::filesystem::exists(file()));
  ASSERT_TRUE(add_published(*store_, record("a")));
  ASSERT_TRUE(add_published(*store_, record("b")));
  PublishedRecord again = record("a");
  again.source_key = "";
  ASSERT_TRUE(add_published(*store_, again));
  reopen();
  auto all = published_records(*store_).value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "b");
  EXPECT_EQ(all[1].name, "a");
  EXPECT_EQ(all[1].source_key, "");
  EXPECT_EQ(all[0].source_key, record("b").source_key);
  EXPECT_EQ(all[0].source_path, record("b").source_path);
  EXPECT_EQ(all[0].source_digest, record("b").source_digest);
  EXPECT_EQ(all[0].source_signers, record("b").source_signers);
  EXPECT_GT(all[0].since, 0);
  ASSERT_TRUE(remove_published(*store_, "b"));
  all = published_records(*store_).value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].name, "a");
}

TEST_F(PublishedRecords, WritesNothingThatCouldNotBeReadAgain) {
  ASSERT_TRUE(add_published(*store_, record("a")));
  const std::string good = test::read_file(file());
  std::vector<PublishedRecord> bad(5, record("b"));
  bad[0].name = "../b";
  bad[1].digest = "sha256:";
  bad[2].source_digest = "";
  bad[3].source_key = "c";
  bad[4].name = "";
  for (const PublishedRecord& one : bad) {
    const Status written = add_published(*store_, one);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), Code::usage);
  }
  EXPECT_EQ(test::read_file(file()), good);
}

TEST_F(PublishedRecords, ADamagedFileIsAnError) {
  ASSERT_TRUE(add_published(*store_, record("a")));
  const std::string good = test::read_file(file());
  for (const char* bad :
       {"", "{}", "{\"version\": 2, \"images\": []}", "{\"version\": 1}",
        "{\"version\": 1, \"images\": [1]}", "{\"version\": 1, \"images\": [{\"name\": \"x\"}]}"}) {
    test::write_file(file(), bad);
    EXPECT_EQ(published_records(*store_).error().code(), Code::config) << bad;
    EXPECT_FALSE(add_published(*store_, record("b"))) << bad;
    EXPECT_FALSE(remove_published(*store_, "a")) << bad;
  }
  test::write_file(file(), good);
  edit(file(), "\"key\"", "\"more\": 1, \"key\"");
  EXPECT_FALSE(published_records(*store_));
  test::write_file(file(), good);
  std::filesystem::permissions(file(), std::filesystem::perms(0660));
  EXPECT_FALSE(published_records(*store_));
}

}  // namespace
}  // namespace sifguard
