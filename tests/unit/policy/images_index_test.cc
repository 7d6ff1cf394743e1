#include "keystore/policy/images_index.h"

#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "tests/unit/policy/names.h"

namespace sifguard {
namespace {

const std::string kSigner = "signing_key: {fingerprint: " + std::string(40, 'A') + "}";

ImagesDigest digest(unsigned char letter) {
  ImagesDigest made{};
  made.fill(static_cast<std::byte>(letter));
  return made;
}

/// Every field of a binding, comments and both styles, of which each can stand alone.
std::string rich() {
  return "# first\nversion: 1\nimages:\n"
         "  # about a\n"
         "  - name: a\n"
         "    match: [\"/apps/a*.sif\", \"/x/**\"]   # two\n"
         "    signing_key: {any_of: [" +
         std::string(40, 'A') + ", " + std::string(40, 'B') +
         "]}\n"
         "    signed_after: 2026-01-01\n"
         "    encryption: {key: cow}\n"
         "    allow:\n      users: [alice, bob]\n      partitions: [p]\n"
         "    deny: {users: [mallory]}\n"
         "    not_after: 2027-12-31\n"
         "    runtime: {allow: [bind], binds: [/scratch], contain: true}\n"
         "\n"
         "  - {name: b, match: [/b], " +
         kSigner +
         ", allow: {users: ['*']}, mode: warn}\n"
         "  # between\n"
         "  - name: c\n    match:\n      - oras://r.example.org/c:1\n    " +
         kSigner + "\n    digest: sha256:" + std::string(64, '1') +
         "\n    allow: {groups: [g]}\n"
         "default: reject\n";
}

std::string many(std::size_t count) {
  std::string text = "version: 1\nimages:\n";
  for (std::size_t i = 0; i < count; ++i) {
    text += "- name: n" + std::to_string(i) + "\n  match: [\"/a/" + std::to_string(i) +
            "/*\"]\n  " + kSigner + "\n  allow: {users: [u" + std::to_string(i) + "]}\n";
  }
  return text;
}

std::string index_of(const std::string& yaml) {
  const auto policy = parse_policy(yaml);
  EXPECT_TRUE(policy) << policy.error().line();
  auto index = make_images_index(yaml, digest('d'), *policy);
  EXPECT_TRUE(index);
  return index.value_or("");
}

std::string names_for(const std::string& index, const std::string& yaml,
                      const std::vector<std::string>& images) {
  const auto policy = indexed_bindings(index, yaml, digest('d'), test::named(images));
  if (!policy) return "none";
  std::string names;
  for (const Binding& binding : policy->bindings) names += binding.name + " ";
  return names;
}

TEST(ImagesIndex, FindsWhatIsForAnImage) {
  const std::string index = index_of(rich());
  EXPECT_EQ(names_for(index, rich(), {"/apps/a1.sif"}), "a ");
  EXPECT_EQ(names_for(index, rich(), {"/b"}), "b ");
  EXPECT_EQ(names_for(index, rich(), {"/b", "/x/y/z"}), "a b ");
  EXPECT_EQ(names_for(index, rich(), {"oras://r.example.org/c:1"}), "c ");
  EXPECT_EQ(names_for(index, rich(), {"/apps/b.sif"}), "");
  EXPECT_EQ(names_for(index, rich(), {}), "");
}

TEST(ImagesIndex, GivesTheBindingsThatTheWholeFileGives) {
  for (const std::string& yaml : {rich(), many(1), many(1500)}) {
    const auto whole = parse_policy(yaml);
    const std::string index = index_of(yaml);
    const auto all = all_indexed_bindings(index, yaml, digest('d'));
    ASSERT_TRUE(all);
    EXPECT_TRUE(all->bindings == whole->bindings) << "lines too";
    const std::string last = "/a/" + std::to_string(whole->bindings.size() - 1) + "/x";
    const auto one = indexed_bindings(index, yaml, digest('d'), test::named({last}));
    ASSERT_TRUE(one);
    if (one->bindings.empty()) continue;  // of the file without such images
    EXPECT_TRUE(one->bindings.back() == whole->bindings.back());
  }
}

TEST(ImagesIndex, IsOfOneFileAlone) {
  const std::string index = index_of(rich());
  EXPECT_TRUE(is_index_of(index, digest('d')));
  EXPECT_FALSE(is_index_of(index, digest('e')));
  EXPECT_FALSE(is_index_of("", digest('d')));
  EXPECT_FALSE(indexed_bindings(index, rich(), digest('e'), test::named({"/b"})));
  EXPECT_FALSE(all_indexed_bindings(index, rich(), digest('e')));
}

TEST(ImagesIndex, RefusesWhatIsMalformed) {
  const std::string index = index_of(rich());
  for (std::size_t size = 0; size < index.size(); ++size) {
    EXPECT_EQ(names_for(index.substr(0, size), rich(), {"/b"}), "none") << size;
    EXPECT_FALSE(all_indexed_bindings(index.substr(0, size), rich(), digest('d'))) << size;
  }
  EXPECT_EQ(names_for(index + "x", rich(), {"/b"}), "none");
  EXPECT_EQ(names_for(index, rich().substr(0, 100), {"/b"}), "none") << "places outside the file";
  for (std::size_t at = 40; at < index.size(); ++at) {  // never out of bounds, whatever it says
    std::string bad = index;
    bad[at] = static_cast<char>(bad[at] ^ 0x81);
    (void)names_for(bad, rich(), {"/b"});
    (void)all_indexed_bindings(bad, rich(), digest('d'));
  }
}

TEST(ImagesIndex, IsNotMadeOfWhatCannotStandAlone) {
  const std::string item = "{name: a, match: [/a], " + kSigner + ", allow: {users: [u]}}";
  for (const std::string& yaml :
       {"version: 1\nimages: [" + item + "]\n", "version: 1\nimages: [\n " + item + "]\n",
        "{version: 1, images: [" + item + "]}\n",
        "version: 1\nimages:\n  -\n    name: a\n    match: [/a]\n    " + kSigner +
            "\n    allow: {users: [u]}\n",
        "version: 1\nimages:\n  - " + item, std::string("version: 1\nimages:\n- ") + item}) {
    const auto policy = parse_policy(yaml);
    ASSERT_TRUE(policy) << yaml << policy.error().line();
    EXPECT_FALSE(make_images_index(yaml, digest('d'), *policy)) << yaml;
  }
  EXPECT_FALSE(make_images_index(rich(), digest('d'), *parse_policy(many(3))))
      << "a policy of another file";
}

}  // namespace
}  // namespace sifguard
