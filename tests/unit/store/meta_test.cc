#include "keystore/store/meta.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

class Meta : public testing::Test {
 protected:
  static KeyRecord key() {
    KeyRecord key;
    key.id = std::string(64, 'a');
    key.name = "lolcow";
    key.thumbprint = std::string(40, 'b');
    key.state = KeyState::retired;
    key.state_since = 1795330300;
    key.previous_state = KeyState::active;
    key.reason = "superseded";
    key.predecessor = std::string(64, 'd');
    key.token = "pkcs11:object=x";
    key.bits = 4096;
    key.created = 1795330251;
    key.has_private = true;
    key.rule.signers = {std::string(40, 'C')};
    key.rule.users = {"alice"};
    key.rule.groups = {"bio"};
    key.rule.everyone = true;
    return key;
  }
  static std::string with(const std::string& from, const std::string& to) {
    std::string text = key_meta(key());
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from << " is not in " << text;
    return text.replace(at, from.size(), to);
  }
  static void expect_refused(const std::string& text, const std::string& words) {
    const auto parsed = parse_key_meta(text, key().id, "FILE");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Code::config);
    EXPECT_EQ(parsed.error().what().find("FILE: "), 0U) << parsed.error().what();
    EXPECT_NE(parsed.error().what().find(words), std::string::npos) << parsed.error().what();
  }
};

TEST_F(Meta, GoesRound) {
  const auto parsed = parse_key_meta(key_meta(key()), key().id, "FILE");
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(key_meta(*parsed), key_meta(key()));
  EXPECT_EQ(parsed->rule.users, key().rule.users);
  EXPECT_TRUE(parsed->rule.everyone);
  EXPECT_EQ(parsed->previous_state, KeyState::active);
  EXPECT_EQ(parsed->state_since, 1795330300);
  EXPECT_EQ(parsed->reason, "superseded");
  EXPECT_EQ(parsed->predecessor, std::string(64, 'd'));
  EXPECT_EQ(parsed->token, "pkcs11:object=x");
}

TEST_F(Meta, ARuleOfAllSignersIsOfItsOwnVersion) {
  KeyRecord two = key();
  two.rule.all_of = {std::string(40, 'D'), std::string(40, 'E')};
  const std::string text = key_meta(two);
  EXPECT_NE(text.find("\"version\": 3"), std::string::npos) << text;
  const auto parsed = parse_key_meta(text, two.id, "FILE");
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(parsed->rule, two.rule);
  EXPECT_EQ(parsed->predecessor, two.predecessor);
  // What knows no such rule refuses the file by its version, and by its field.
  std::string older = text;
  older.replace(older.find("\"version\": 3"), 12, "\"version\": 2");
  expect_refused(older, "unknown field 'all_of'");
  std::string newer = text;
  newer.replace(newer.find("\"version\": 3"), 12, "\"version\": 4");
  expect_refused(newer, "unknown version");
  std::string lacking = with("\"version\": 2", "\"version\": 3");
  expect_refused(lacking, "all_of");
  std::string wrong = text;
  wrong.replace(wrong.find(std::string(40, 'E')), 40, std::string(40, 'e'));
  expect_refused(wrong, "does not name a signer");
  EXPECT_EQ(key_meta(key()).find("all_of"), std::string::npos);
}

TEST_F(Meta, TheFirstVersionHasNoHistory) {
  std::string text = with("\"version\": 2", "\"version\": 1");
  expect_refused(text, "unknown field");
  const std::size_t from = text.find("  \"since\"");
  text.erase(from, text.find("  \"bits\"") - from);
  const auto parsed = parse_key_meta(text, key().id, "FILE");
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(parsed->state, KeyState::retired);
  EXPECT_EQ(parsed->state_since, parsed->created);
  EXPECT_FALSE(parsed->previous_state);
  EXPECT_TRUE(parsed->reason.empty());
  EXPECT_TRUE(parsed->predecessor.empty());
}

TEST_F(Meta, RefusesAWrongHistory) {
  expect_refused(with("\"since\": 1795330300,", ""), "'since' is missing");
  expect_refused(with("\"previous\": \"active\"", "\"previous\": \"alive\""), "unknown state");
  expect_refused(with("\"superseded\"", "\"anger\""), "unknown reason");
  expect_refused(with(std::string(64, 'd'), std::string(63, 'd')), "bad predecessor");
  expect_refused(with("\"predecessor\"", "\"successor\""), "'predecessor' is missing");
  expect_refused(with("pkcs11:object=x", "object=x"), "bad token");
  expect_refused(with("pkcs11:object=x", "pkcs11:object=x?pin-value=1"), "bad token");
}

TEST_F(Meta, RefusesUnknownRepeatedAndMissingFields) {
  expect_refused(with("\"name\"", "\"extra\": 1, \"name\""), "unknown field 'extra'");
  expect_refused(with("\"name\"", "\"bits\": 1, \"name\""), "'bits' is repeated");
  expect_refused(with("\"users\"", "\"more\": 1, \"users\""), "unknown field 'more'");
  expect_refused(with("\"users\"", "\"groups\": [], \"users\""), "'groups' is repeated");
  expect_refused(with("\"name\": \"lolcow\",", ""), "'name' is missing");
  expect_refused(with("\"name\"", "\"Name\""), "'name' is missing");
}

TEST_F(Meta, RefusesWrongTypesAndValues) {
  expect_refused(with("4096", "\"4096\""), "'bits' has the wrong type");
  expect_refused(with("4096", "4096.0"), "'bits' has the wrong type");
  expect_refused(with("4096", "-4096"), "bad number of bits");
  expect_refused(with("4096", "1024"), "bad number of bits");
  expect_refused(with("1795330251", "18446744073709551615"), "too large");
  expect_refused(with("\"private\": true", "\"private\": 1"), "'private' has the wrong type");
  expect_refused(with("\"version\": 2", "\"version\": 4"), "unknown version");
  expect_refused(with("\"version\": 2", "\"version\": 0"), "unknown version");
  expect_refused(with("\"retired\"", "\"Retired\""), "unknown state");
  expect_refused(with("\"lolcow\"", "\"../x\""), "bad name");
  expect_refused(with(std::string(40, 'b'), "zz"), "bad thumbprint");
  expect_refused(with(std::string(40, 'C'), std::string(16, 'C')), "does not name a signer");
  expect_refused(with("[\n      \"alice\"\n    ]", "[1]"), "something else than strings");
  expect_refused(with("[\n      \"alice\"\n    ]", "null"), "wrong type");
  expect_refused(with(std::string(64, 'a'), std::string(64, 'b')), "not the name of its directory");
}

TEST_F(Meta, RefusesWhatIsNoObject) {
  for (const char* text :
       {"", "null", "[]", "1", "{", "{}}", "{'a': 1}", "name: x", "{\"a\":1,}"}) {
    expect_refused(text, "");
  }
  expect_refused(std::string(70000, ' ') + key_meta(key()), "larger than 65536 bytes");
  expect_refused(std::string(20000, '[') + std::string(20000, ']'), "not an object");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "{\"a\":";
  expect_refused(deep + "1" + std::string(1000, '}'), "nested deeper than 8");
}

TEST_F(Meta, RefusesEveryTruncation) {
  const std::string whole = key_meta(key());
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
    EXPECT_FALSE(parse_key_meta(whole.substr(0, size), key().id, "FILE")) << size;
  }
}

SignerRecord a_signer(const std::string& id, std::vector<std::string> names) {
  return {id, "Alice \u00e9", "ed25519", 1, 2, 3, std::move(names)};
}

TEST_F(Meta, SignersOfEachTypeGoRound) {
  const std::string fingerprint(40, 'A');
  const std::string digest(64, 'a');
  for (const auto& signer :
       {a_signer(fingerprint, {fingerprint}), a_signer("spki:" + digest, {"spki:" + digest}),
        a_signer("cert:" + digest, {"x509:subject:CN=a,O=b", "x509:san:dns:host"})}) {
    const std::string text = signer_meta(signer);
    const auto parsed = parse_signer_meta(text, signer.id, "FILE");
    ASSERT_TRUE(parsed) << parsed.error().line();
    EXPECT_EQ(parsed->label, signer.label);
    EXPECT_EQ(parsed->type(), signer.type());
    EXPECT_EQ(signer_meta(*parsed), text);
    EXPECT_FALSE(parse_signer_meta(text, std::string(40, 'B'), "FILE"));
    EXPECT_FALSE(parse_signer_meta(key_meta(key()), signer.id, "FILE"));
  }
}

TEST_F(Meta, ASignerHasItsOwnNamesOnly) {
  const std::string fingerprint(40, 'A');
  const std::string spki = "spki:" + std::string(64, 'a');
  const std::string cert = "cert:" + std::string(64, 'a');
  for (const auto& signer :
       {a_signer(fingerprint, {}), a_signer(fingerprint, {std::string(40, 'B')}),
        a_signer(fingerprint, {fingerprint, spki}), a_signer(spki, {"x509:subject:CN=a"}),
        a_signer(cert, {}), a_signer(cert, {cert}), a_signer(cert, {spki}),
        a_signer(cert, {"x509:subject:CN=a", fingerprint})}) {
    const auto parsed = parse_signer_meta(signer_meta(signer), signer.id, "FILE");
    ASSERT_FALSE(parsed) << signer_meta(signer);
    EXPECT_EQ(parsed.error().code(), Code::config);
  }
}

TEST_F(Meta, AnErrorCannotForgeALine) {
  const auto parsed = parse_key_meta("{\"a\\nsifctl: all is well\": 1}", key().id, "FILE");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().what().find('\n'), std::string::npos);
}

}  // namespace
}  // namespace sifguard
