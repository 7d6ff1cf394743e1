#include "keystore/store/trust_sources.h"

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

using test::read_file;
using test::write_file;

class TrustSourcesTest : public test::StoreFixture {
 protected:
  [[nodiscard]] std::string file(const std::string& name) const {
    return path() + "/trust/" + name;
  }
};

TEST_F(TrustSourcesTest, NothingIsSetAtFirst) {
  EXPECT_TRUE(trust_sources(*store_)->crl.empty());
  EXPECT_TRUE(fetched_records(*store_)->empty());
}

TEST_F(TrustSourcesTest, AreReadAsTheyWereWritten) {
  const TrustSources sources{{"http://a/x.crl"}, {"http://b/"}, {"c"}, "http://proxy:3128"};
  ASSERT_TRUE(set_trust_sources(*store_, sources));
  const auto again = trust_sources(*store_);
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(again->crl, sources.crl);
  EXPECT_EQ(again->ocsp, sources.ocsp);
  EXPECT_EQ(again->hosts, sources.hosts);
  EXPECT_EQ(again->proxy, sources.proxy);
  const std::string name(64, 'a');
  ASSERT_TRUE(set_fetched_records(*store_, {{"crl", name, "CN=Root", 1, 2, 3}}));
  const auto records = fetched_records(*store_);
  ASSERT_TRUE(records) << records.error().line();
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->front().name, name);
  EXPECT_EQ(records->front().until, 2);
}

TEST_F(TrustSourcesTest, AreReadStrictly) {
  ASSERT_TRUE(set_trust_sources(*store_, {{"http://a/"}, {}, {}, {}}));
  edit(file("sources.json"), "\"ocsp\"", "\"oscp\"");
  expect_error(trust_sources(*store_), Code::config, "sources.json");
  ASSERT_TRUE(set_fetched_records(*store_, {{"crl", std::string(64, 'a'), "", 1, 2, 3}}));
  edit(file("fetched.json"), std::string(64, 'a'), "../../images.yaml");
  expect_error(fetched_records(*store_), Code::config, "not the name of a file");
}

TEST_F(TrustSourcesTest, OthersMayNotWriteThem) {
  ASSERT_TRUE(set_trust_sources(*store_, {}));
  std::filesystem::permissions(file("sources.json"), std::filesystem::perms(0666));
  expect_error(trust_sources(*store_), Code::config, "sources.json");
}

}  // namespace
}  // namespace sifguard
