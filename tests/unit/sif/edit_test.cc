// Changes to images, held against what sylabs/sif wrote for the same change where there is a
// vector.
#include "helper/sif/edit.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "tests/unit/sif/sif_builder.h"

namespace sifguard::sif {
namespace {

using test::at;
using test::file_of;
using test::peek;
using test::poke;
using test::SifBuilder;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1800000000;

std::string content(const UniqueFd& fd) {
  struct stat st {};
  ::fstat(fd.get(), &st);
  std::string bytes(static_cast<std::size_t>(st.st_size), '\0');
  EXPECT_TRUE(
      pread_exact(fd.get(), std::as_writable_bytes(std::span(bytes.data(), bytes.size())), 0, "x"));
  return bytes;
}

NewSignature signature(std::string_view data, std::uint32_t group = 1) {
  NewSignature made;
  made.group = group;
  made.data = data;
  return made;
}

template <typename T>
void expect_error(const Result<T>& result, Code code, const std::string& text) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), code);
  EXPECT_THAT(result.error().what(), HasSubstr(text));
}

class GoMade : public testing::TestWithParam<const char*> {
 protected:
  /// Adds to the unsigned vector the very signature that sylabs/sif added.
  void SetUp() override {
    plain_ = test::vector_image("one-group");
    signed_ = test::vector_image(GetParam());
    SG_NEED_VECTOR(plain_);
    data_ = signed_.substr(peek<std::uint64_t>(signed_, at(2, 17)),
                           peek<std::uint64_t>(signed_, at(2, 25)));
    made_ = signature(data_);
    std::memcpy(made_.fingerprint.data(), signed_.data() + at(2, 201 + 4), 20);
  }
  std::string plain_, signed_, data_;
  NewSignature made_;
};

TEST_P(GoMade, AddingGivesTheSameBytes) {
  const UniqueFd fd = file_of(plain_);
  const auto id = add_signature(fd.get(), made_, kNow);
  ASSERT_TRUE(id) << id.error().line();
  EXPECT_EQ(*id, 3U);
  EXPECT_TRUE(content(fd) == signed_);
}

TEST_P(GoMade, RemovingGivesTheUnsignedBytes) {
  const UniqueFd fd = file_of(signed_);
  const std::array<std::uint32_t, 1> ids = {3};
  ASSERT_TRUE(remove_signatures(fd.get(), ids, kNow));
  EXPECT_TRUE(content(fd) == plain_);
}

INSTANTIATE_TEST_SUITE_P(Vectors, GoMade,
                         testing::Values("one-group-signed-pgp", "one-group-signed-dsse"));

TEST(AddSignature, GoesBehindTheLastObjectAndTellsTheTime) {
  const UniqueFd fd = file_of(test::plain_image().build());
  const std::string before = content(fd);
  NewSignature made = signature("{}");
  made.hash = SignatureHash::sha512;
  made.fingerprint.fill(std::byte{0xAB});
  ASSERT_TRUE(add_signature(fd.get(), made, kNow));
  const std::string after = content(fd);
  EXPECT_EQ(after.size(), before.size() + 2);
  EXPECT_EQ(after.substr(before.size()), "{}");
  EXPECT_EQ(peek<std::int64_t>(after, 72), kNow);
  EXPECT_EQ(peek<std::uint64_t>(after, 80), peek<std::uint64_t>(before, 80) - 1);
  EXPECT_EQ(peek<std::uint64_t>(after, 112) + peek<std::uint64_t>(after, 120), after.size());
  EXPECT_EQ(after.substr(0, 72),
            before.substr(0, 72));  // id, creation, architecture, launch script

  const auto image = read_image(fd.get());
  ASSERT_TRUE(image) << image.error().line();
  const Descriptor& object = image->objects.back();
  EXPECT_EQ(object.id, 3U);
  EXPECT_EQ(object.group, 0U);
  EXPECT_EQ(object.link.kind, Link::Kind::group);
  EXPECT_EQ(object.link.id, 1U);
  EXPECT_EQ(object.name(), "");
  EXPECT_EQ(object.signature->hash, 3);
  EXPECT_EQ(object.signature->entity, made.fingerprint);
  EXPECT_EQ(peek<std::int64_t>(after, at(2, 41)), kNow);
  EXPECT_EQ(peek<std::int64_t>(after, at(2, 49)), kNow);
}

TEST(AddSignature, TakesTheLowestFreeSlotAndANewId) {
  SifBuilder builder = test::plain_image();
  builder.add(test::signature_of("first")).add(test::signature_of("second"));
  const UniqueFd fd = file_of(builder.build());
  const std::array<std::uint32_t, 1> first = {3};
  ASSERT_TRUE(remove_signatures(fd.get(), first, kNow));
  EXPECT_EQ(add_signature(fd.get(), signature("third"), kNow).value(), 3U);
  EXPECT_EQ(add_signature(fd.get(), signature("fourth"), kNow).value(), 5U);
  const std::string bytes = content(fd);
  EXPECT_EQ(bytes.substr(bytes.size() - 11), "thirdfourth");
  EXPECT_EQ(bytes.find("first"), std::string::npos);
}

TEST(AddSignature, AvoidsAnIdThatAnotherObjectHas) {
  test::ObjectSpec object;
  object.id = 2;  // in slot 0, so the usual id of slot 1 is taken
  SifBuilder builder;
  const UniqueFd fd = file_of(builder.add(object).build());
  EXPECT_EQ(add_signature(fd.get(), signature("x"), kNow).value(), 3U);
}

TEST(AddSignature, DropsWhatBelongsToNoObject) {
  const UniqueFd fd = file_of(test::plain_image().build() + "trailing bytes");
  ASSERT_TRUE(add_signature(fd.get(), signature("x"), kNow));
  const UniqueFd clean = file_of(test::plain_image().build());
  ASSERT_TRUE(add_signature(clean.get(), signature("x"), kNow));
  EXPECT_TRUE(content(fd) == content(clean));
}

TEST(AddSignature, RefusesWhenNoDescriptorIsFree) {
  SifBuilder builder = test::plain_image();
  builder.rows = 2;
  const UniqueFd fd = file_of(builder.build());
  const std::string before = content(fd);
  expect_error(add_signature(fd.get(), signature("x"), kNow), Code::refused,
               "all 2 descriptors of the image are in use");
  EXPECT_TRUE(content(fd) == before);
}

TEST(AddSignature, RefusesGroupsThatAreNotThere) {
  const UniqueFd fd = file_of(test::plain_image().build());
  expect_error(add_signature(fd.get(), signature("x", 2), kNow), Code::refused, "no group 2");
  expect_error(add_signature(fd.get(), signature("x", 0), kNow), Code::refused, "no group 0");
}

TEST(AddSignature, RefusesAnUnsoundImage) {
  std::string bytes = test::plain_image().build();
  poke<std::uint64_t>(bytes, 80, 9);  // free descriptors
  const UniqueFd fd = file_of(bytes);
  expect_error(add_signature(fd.get(), signature("x"), kNow), Code::refused, "free descriptors");
  EXPECT_TRUE(content(fd) == bytes);
}

TEST(AddSignature, CountsAgainWhatAWriterMiscounted) {
  std::string bytes = test::plain_image().build();
  poke<std::uint64_t>(bytes, 80, 0);
  const UniqueFd fd = file_of(bytes);
  ASSERT_TRUE(add_signature(fd.get(), signature("x"), kNow));
  EXPECT_EQ(peek<std::uint64_t>(content(fd), 80), 5U);
}

TEST(AddSignature, SaysWhatCannotBeWritten) {
  const UniqueFd fd(::memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_TRUE(write_all(fd.get(), test::plain_image().build(), "image"));
  ASSERT_EQ(::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_GROW), 0);
  expect_error(add_signature(fd.get(), signature("x"), kNow), Code::cannot_write, "cannot write");
}

TEST(RemoveSignatures, LeavesTheOthersAndNoTrace) {
  SifBuilder builder = test::plain_image();
  builder.add(test::signature_of("first signature"))
      .add(test::signature_of("second signature"))
      .add(test::signature_of("third signature"));
  const UniqueFd fd = file_of(builder.build());
  const std::size_t size = content(fd).size();
  const std::array<std::uint32_t, 3> ids = {3, 5, 3};  // one is named twice
  ASSERT_TRUE(remove_signatures(fd.get(), ids, kNow));
  const std::string bytes = content(fd);
  EXPECT_LT(bytes.size(), size);
  EXPECT_EQ(bytes.find("first"), std::string::npos);
  EXPECT_EQ(bytes.find("third"), std::string::npos);
  EXPECT_EQ(bytes.substr(bytes.size() - 16), "second signature");
  const auto image = read_image(fd.get());
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_EQ(image->objects.size(), 3U);
}

TEST(RemoveSignatures, RefusesOtherObjects) {
  const UniqueFd fd = file_of(test::plain_image().build());
  const std::string before = content(fd);
  const std::array<std::uint32_t, 1> partition = {2};
  const std::array<std::uint32_t, 1> missing = {7};
  expect_error(remove_signatures(fd.get(), partition, kNow), Code::refused, "is no signature");
  expect_error(remove_signatures(fd.get(), missing, kNow), Code::refused, "no object 7");
  EXPECT_TRUE(content(fd) == before);
}

std::string message_in(const UniqueFd& fd) {
  const auto image = read_image(fd.get());
  EXPECT_TRUE(image) << image.error().line();
  const Descriptor& object = image->objects[*image->crypto_message];
  return content(fd).substr(object.offset, object.size);
}

TEST(ReplaceMessage, KeepsPlaceAndSizeOfALongerOne) {
  const UniqueFd fd = file_of(test::encrypted_image().build());
  const std::string before = content(fd);
  const std::size_t size = message_in(fd).size();
  ASSERT_GT(size, 3U);
  ASSERT_TRUE(replace_message(fd.get(), "new", kNow));
  EXPECT_EQ(message_in(fd), "new" + std::string(size - 3, '\n'));
  EXPECT_EQ(content(fd).size(), before.size());
  EXPECT_EQ(peek<std::int64_t>(content(fd), at(1, 49)), kNow);
}

TEST(ReplaceMessage, MovesOneThatDoesNotFit) {
  SifBuilder builder = test::encrypted_image();
  builder.add(test::signature_of("signature"));
  const UniqueFd fd = file_of(builder.build());
  const std::string old = message_in(fd);
  const std::string long_one(old.size() + 1000, 'm');
  ASSERT_TRUE(replace_message(fd.get(), long_one, kNow));
  EXPECT_EQ(message_in(fd), long_one);
  const std::string bytes = content(fd);
  EXPECT_EQ(bytes.substr(bytes.size() - long_one.size() - 9, 9), "signature");
  EXPECT_EQ(bytes.find(old), std::string::npos);
}

TEST(ReplaceMessage, GrowsInPlaceAtTheEnd) {
  const UniqueFd fd = file_of(test::encrypted_image().build());
  const std::size_t before = content(fd).size();
  const std::size_t size = message_in(fd).size();
  ASSERT_TRUE(replace_message(fd.get(), std::string(size + 5, 'm'), kNow));
  EXPECT_EQ(content(fd).size(), before + 5);
  EXPECT_EQ(message_in(fd), std::string(size + 5, 'm'));
}

TEST(ReplaceMessage, RefusesWhatIsNoMessage) {
  const UniqueFd plain = file_of(test::plain_image().build());
  expect_error(replace_message(plain.get(), "new", kNow), Code::refused, "not encrypted");
  const UniqueFd fd = file_of(test::encrypted_image().build());
  const std::string before = content(fd);
  expect_error(replace_message(fd.get(), "", kNow), Code::refused, "1 to 65536 bytes, not 0");
  expect_error(replace_message(fd.get(), std::string(65537, 'm'), kNow), Code::refused,
               "not 65537");
  EXPECT_TRUE(content(fd) == before);
}

}  // namespace
}  // namespace sifguard::sif
