// Anchors, intermediates and revocation lists as files of the keystore.
#include "keystore/store/trust_store.h"

#include <sys/stat.h>

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;

class TrustStore : public test::StoreFixture {
 protected:
  static TrustItem named(std::string_view name, std::string_view text = "PEM") {
    TrustItem item;
    item.name.assign(name);
    item.text.assign(text);
    return item;
  }
  static TrustItem item(char digit, std::string_view text = "PEM") {
    const std::string name(64, digit);
    return named(name, text);
  }
};

TEST_F(TrustStore, IsEmptyAtFirst) {
  for (const TrustKind kind : kTrustKinds) {
    EXPECT_TRUE(trust_items(*store_, kind).value().empty());
  }
  EXPECT_FALSE(fs::exists(path() + "/trust"));
}

TEST_F(TrustStore, KeepsEachKindApart) {
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, item('b', "B")));
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, item('a', "A")));
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::crl, item('a', "L")));
  reopen();
  const auto roots = trust_items(*store_, TrustKind::root).value();
  ASSERT_EQ(roots.size(), 2U);
  EXPECT_EQ(roots[0].text, "A");
  EXPECT_EQ(roots[1].name, std::string(64, 'b'));
  EXPECT_TRUE(trust_items(*store_, TrustKind::intermediate).value().empty());
  EXPECT_EQ(trust_items(*store_, TrustKind::crl).value()[0].text, "L");
}

TEST_F(TrustStore, ReplacesAndSaysWhenNothingChanged) {
  EXPECT_EQ(add_trust_item(*store_, TrustKind::crl, item('a', "1")).value(),
            Keystore::Added::added);
  EXPECT_EQ(add_trust_item(*store_, TrustKind::crl, item('a', "1")).value(),
            Keystore::Added::unchanged);
  EXPECT_EQ(add_trust_item(*store_, TrustKind::crl, item('a', "2")).value(),
            Keystore::Added::added);
  EXPECT_EQ(trust_items(*store_, TrustKind::crl).value().at(0).text, "2");
}

TEST_F(TrustStore, RemovesByPrefix) {
  std::string similar(64, 'a');
  similar.back() = 'b';
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, item('a')));
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, named(similar)));
  const auto remove = [&](const std::string& prefix) {
    return remove_trust_item(*store_, TrustKind::root, prefix);
  };
  expect_error(remove("aaaaaaa"), Code::usage, "too short");
  expect_error(remove("aaaaaaaa"), Code::absent, "ambiguous");
  expect_error(remove("bbbbbbbb"), Code::absent, "has no root");
  expect_error(remove("../../images.yaml"), Code::absent, "has no root");
  expect_error(remove_trust_item(*store_, TrustKind::crl, "aaaaaaaa"), Code::absent, "has no crl");
  EXPECT_EQ(remove(std::string(64, 'A')).value(), std::string(64, 'a'));
  EXPECT_EQ(trust_items(*store_, TrustKind::root).value().size(), 1U);
}

TEST_F(TrustStore, RefusesWhatHasNoPlace) {
  expect_error(add_trust_item(*store_, TrustKind::root, named("../x")), Code::refused, "name");
  expect_error(add_trust_item(*store_, TrustKind::root, item('G')), Code::refused, "name");
  expect_error(add_trust_item(*store_, TrustKind::root, item('a', "")), Code::refused, "empty");
  expect_error(add_trust_item(*store_, TrustKind::root, item('a', std::string(65537, 'x'))),
               Code::refused, "too large");
  EXPECT_TRUE(add_trust_item(*store_, TrustKind::crl, item('a', std::string(65537, 'x'))));
  EXPECT_FALSE(fs::exists(path() + "/trust/roots"));
}

TEST_F(TrustStore, FilesMustBeTrusted) {
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, item('a')));
  const std::string file = path() + "/trust/roots/" + std::string(64, 'a');
  ASSERT_EQ(::chmod(file.c_str(), 0620), 0);
  expect_error(trust_items(*store_, TrustKind::root), Code::config, "chmod go-w " + file);
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  fs::rename(path() + "/trust", path() + "/t");
  fs::create_directory_symlink("t", path() + "/trust");
  expect_error(trust_items(*store_, TrustKind::root), Code::config, "symbolic link");
}

TEST_F(TrustStore, StraysAreNamed) {
  ASSERT_TRUE(add_trust_item(*store_, TrustKind::root, item('a')));
  std::ofstream(path() + "/trust/roots/my-ca.pem") << "PEM";
  expect_error(trust_items(*store_, TrustKind::root), Code::config, "my-ca.pem has no place");
}

}  // namespace
}  // namespace sifguard
