#include "keystore/store/policy_reader.h"

#include <sys/stat.h>

#include "tests/unit/policy/names.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;

class Reader : public test::StoreFixture {
 protected:
  static std::string policy(std::size_t count, const std::string& user = "u") {
    std::string text = "version: 1\nimages:\n";
    for (std::size_t i = 0; i < count; ++i) {
      text += "  - name: n" + std::to_string(i) + "\n    match: [/a/" + std::to_string(i) +
              "]\n    signing_key: {fingerprint: " + std::string(40, 'A') +
              "}\n    allow: {users: [" + user + std::to_string(i) + "]}\n";
    }
    return text;
  }
  static std::string large(const std::string& user = "u") { return policy(800, user); }
  [[nodiscard]] std::string index() const { return path() + "/images.index"; }
  /// Who may run image 7: "u7", or what is wrong.
  [[nodiscard]] std::string user_of_7() const {
    const auto reader = PolicyReader::load(*store_);
    if (!reader) return reader.error().line();
    const auto found = reader->bindings_for(test::named({"/a/7"}));
    if (!found) return found.error().line();
    for (const Binding& binding : found->bindings) {
      if (binding.name == "n7") return binding.allow.users->front();
    }
    return "nobody";
  }
};

TEST_F(Reader, SmallFilesHaveNoIndex) {
  ASSERT_TRUE(store_->replace_images_text(policy(10)));
  EXPECT_EQ(user_of_7(), "u7");
  EXPECT_FALSE(fs::exists(index()));
}

TEST_F(Reader, LargeFilesGetOneThatIsUsed) {
  ASSERT_TRUE(store_->replace_images_text(large()));
  EXPECT_EQ(user_of_7(), "u7");
  struct stat st {};
  ASSERT_EQ(::stat(index().c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 07777U, 0600U);
  const auto reader = PolicyReader::load(*store_);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->bindings_for(test::named({"/a/7"}))->bindings.size(), 1U)
      << "one alone: the index is used";
  EXPECT_EQ(reader->bindings_for(test::named({"/b"}))->bindings.size(), 0U);
  EXPECT_EQ(reader->all()->bindings.size(), 800U);
}

TEST_F(Reader, AChangedFileIsSeenWhateverTheIndexSays) {
  ASSERT_TRUE(store_->replace_images_text(large()));
  EXPECT_EQ(user_of_7(), "u7");
  const std::string old = read_file(index());
  write_file(path() + "/images.yaml", large("v"));  // by hand; as long as before
  EXPECT_EQ(user_of_7(), "v7");
  EXPECT_NE(read_file(index()), old);
  write_file(index(), old);
  EXPECT_EQ(user_of_7(), "v7");
}

TEST_F(Reader, AMalformedIndexIsOfNoUseAndDoesNoHarm) {
  ASSERT_TRUE(store_->replace_images_text(large()));
  EXPECT_EQ(user_of_7(), "u7");
  const std::string good = read_file(index());
  for (const std::string& bad : {std::string(), std::string("x"), good.substr(0, 40),
                                 good.substr(0, good.size() / 2), good + "x"}) {
    write_file(index(), bad);
    EXPECT_EQ(user_of_7(), "u7") << bad.size();
  }
}

TEST_F(Reader, AnIndexThatOthersMayWriteIsNotRead) {
  ASSERT_TRUE(store_->replace_images_text(large()));
  EXPECT_EQ(user_of_7(), "u7");
  // An index that hides binding 7, in hands that it should not be in.
  std::string hiding = read_file(index());
  const std::size_t at = hiding.find("/a/7");
  ASSERT_NE(at, std::string::npos);
  hiding[at + 3] = 'x';
  write_file(index(), hiding);
  EXPECT_EQ(user_of_7(), "nobody") << "the test's index is believed where it may be";
  fs::permissions(index(), fs::perms(0666));
  EXPECT_EQ(user_of_7(), "u7");
  fs::remove(index());
  fs::create_symlink("/dev/zero", index());
  EXPECT_EQ(user_of_7(), "u7");
}

TEST_F(Reader, AMalformedPolicyIsRefusedAsAWhole) {
  ASSERT_TRUE(store_->replace_images_text(large()));
  EXPECT_EQ(user_of_7(), "u7");
  write_file(path() + "/images.yaml", large() + "  - name: broken\n");
  EXPECT_NE(user_of_7().find("images.yaml:"), std::string::npos) << user_of_7();
  fs::remove(path() + "/images.yaml");
  EXPECT_NE(user_of_7().find("cannot open"), std::string::npos);
}

}  // namespace
}  // namespace sifguard
