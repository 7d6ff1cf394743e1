// Images that break exactly one rule of the SIF reader, and what only looks like it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "helper/sif/image.h"
#include "tests/unit/sif/sif_builder.h"

namespace sifguard::sif {
namespace {

using test::at;
using test::poke;
using ::testing::HasSubstr;
using ::testing::Not;

Result<Image> read(const std::string& bytes) {
  return read_image(test::file_of(bytes).get());
}

/// One change to a good image, and a part of the sentence that must name it.
struct Surgery {
  std::string name;
  std::function<std::string()> image;
  std::string complaint;
};

void PrintTo(const Surgery& surgery, std::ostream* out) {
  *out << surgery.name;
}

std::string poked(const std::function<void(std::string&)>& change) {
  std::string bytes = test::plain_image().build();
  change(bytes);
  return bytes;
}

template <typename T>
std::function<std::string()> with(std::size_t offset, T value) {
  return [=] { return poked([=](std::string& bytes) { poke<T>(bytes, offset, value); }); };
}

std::function<std::string()> with_objects(const std::vector<test::ObjectSpec>& objects) {
  return [=] {
    test::SifBuilder builder = test::plain_image();
    for (const auto& object : objects) builder.add(object);
    return builder.build();
  };
}

std::function<std::string()> only_objects(const std::vector<test::ObjectSpec>& objects) {
  return [=] {
    test::SifBuilder builder;
    for (const auto& object : objects) builder.add(object);
    return builder.build();
  };
}

std::string ext_super(std::uint32_t blocks) {
  std::string data(4096, '\0');
  poke<std::uint32_t>(data, 1024 + 4, blocks);
  poke<std::uint32_t>(data, 1024 + 24, 0);  // 1 KiB blocks
  poke<std::uint16_t>(data, 1024 + 56, 0xEF53);
  return data;
}

std::string wide_ext_super() {
  std::string data = ext_super(1);
  poke<std::uint32_t>(data, 1024 + 96, 0x80);
  poke<std::uint32_t>(data, 1024 + 336, 0xffffffff);
  return data;
}

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

test::ObjectSpec with_id(std::uint32_t id) {
  test::ObjectSpec object;
  object.id = id;
  return object;
}

test::ObjectSpec big_message() {
  test::ObjectSpec object = test::message_of(1);
  object.data.assign(65537, 'x');
  return object;
}

test::ObjectSpec empty_message() {
  test::ObjectSpec object = test::message_of(1);
  object.data.clear();
  return object;
}

const std::vector<Surgery> kSurgeries = {
    {"empty_file", [] { return std::string(); }, "only 0 bytes"},
    {"wrong_magic", with<std::uint8_t>(32, 'X'), "magic"},
    {"magic_without_nul", with<std::uint8_t>(41, 'x'), "magic"},
    {"unknown_version", with<std::uint8_t>(43, '2'), "unknown SIF version '02'"},
    {"version_without_nul", with<std::uint8_t>(44, '1'), "unknown SIF version '011'"},
    {"hostile_version", with<std::uint8_t>(42, 0x1b), "unknown SIF version '\\x1b1'"},
    {"negative_free", with<std::int64_t>(80, -1), "free descriptors is negative: -1"},
    {"free_over_total", with<std::int64_t>(80, 9), "counts 9 free descriptors of 8"},
    {"huge_free", with<std::int64_t>(80, kMost), "free descriptors of 8"},
    {"negative_total", with<std::int64_t>(88, kLeast), "descriptors is negative"},
    {"huge_total", with<std::int64_t>(88, kMost), "more than the 4096 allowed"},
    {"total_over_limit", with<std::int64_t>(88, 4097), "4097 descriptors"},
    {"total_not_table", with<std::int64_t>(88, 9), "585 for each of its 9"},
    {"negative_table_offset", with<std::int64_t>(96, -585), "table offset is negative"},
    {"huge_table_offset", with<std::int64_t>(96, kMost), "table ends beyond the file"},
    {"negative_table_size", with<std::int64_t>(104, -1), "table size is negative"},
    {"huge_table_size", with<std::int64_t>(104, kMost), "585 for each"},
    {"negative_data_offset", with<std::int64_t>(112, -1), "data offset is negative"},
    {"huge_data_offset", with<std::int64_t>(112, kMost), "data region ends beyond the file"},
    {"negative_data_size", with<std::int64_t>(120, -1), "data size is negative"},
    {"huge_data_size", with<std::int64_t>(120, kMost), "data region ends beyond the file"},
    {"object_before_data",
     [] {
       return poked([](std::string& bytes) {
         poke<std::int64_t>(bytes, 112, 8800);
         poke<std::int64_t>(bytes, 120, static_cast<std::int64_t>(bytes.size()) - 8800);
       });
     },
     "object 1 (definition file 'Singularity.def') at offset 8784 lies outside the data region"},
    {"object_after_data", with<std::int64_t>(120, 100), "outside the data region"},
    {"table_over_header",
     [] {
       test::SifBuilder builder;
       std::string bytes = builder.build();
       poke<std::int64_t>(bytes, 96, 127);
       return bytes;
     },
     "the descriptor table at offset 127 overlaps the header"},
    {"used_two", with<std::uint8_t>(at(0, 4), 2), "descriptor 0 has the mark 2 for 'used'"},
    {"used_255", with<std::uint8_t>(at(1, 4), 255), "descriptor 1 has the mark 255"},
    {"unused_but_filled", with<std::uint8_t>(at(0, 4), 0), "descriptor 0 is marked unused"},
    {"unused_last_byte", with<std::uint8_t>(at(7, 584), 1), "descriptor 7 is marked unused"},
    {"type_below", with<std::uint32_t>(at(0, 0), 0x4000), "unknown data type 0x00004000"},
    {"type_above", with<std::uint32_t>(at(0, 0), 0x400C), "unknown data type 0x0000400c"},
    {"type_negative", with<std::int32_t>(at(0, 0), -1), "unknown data type 0xffffffff"},
    {"type_zero", with<std::int32_t>(at(0, 0), 0), "unknown data type 0x00000000"},
    {"id_zero", with<std::uint32_t>(at(0, 5), 0), "impossible object id 0x00000000"},
    {"id_with_mark", with<std::uint32_t>(at(0, 5), 0xf0000001), "impossible object id"},
    {"id_twice", with<std::uint32_t>(at(0, 5), 2), "two objects have the id 2"},
    {"group_without_mark", with<std::uint32_t>(at(0, 9), 1), "without the group mark"},
    {"group_half_mark", with<std::uint32_t>(at(0, 9), 0xe0000001), "without the group mark"},
    {"link_half_mark", with<std::uint32_t>(at(0, 13), 0x80000001), "neither an object nor a group"},
    {"link_to_group_0", with<std::uint32_t>(at(0, 13), 0xf0000000), "group 0"},
    {"negative_offset", with<std::int64_t>(at(0, 17), -1), "negative offset -1"},
    {"huge_offset", with<std::int64_t>(at(0, 17), kMost), "ends beyond the file"},
    {"negative_size", with<std::int64_t>(at(0, 25), -1), "negative size -1"},
    {"huge_size", with<std::int64_t>(at(0, 25), kMost), "ends beyond the file"},
    {"size_one_too_many", with<std::int64_t>(at(1, 25), 4097), "ends beyond the file"},
    {"negative_padded", with<std::int64_t>(at(0, 33), -9), "negative padded size -9"},
    {"over_header", with<std::int64_t>(at(0, 17), 0), "overlaps the header"},
    {"over_header_end", with<std::int64_t>(at(0, 17), 127), "overlaps the header"},
    {"over_table", with<std::int64_t>(at(0, 17), 4096 + 585), "overlaps the descriptor table"},
    {"into_table", with<std::int64_t>(at(0, 17), 4090), "overlaps object 1"},
    {"same_place",
     [] {
       return poked([](std::string& bytes) {
         poke<std::int64_t>(bytes, at(0, 17), test::peek<std::int64_t>(bytes, at(1, 17)));
         poke<std::int64_t>(bytes, at(0, 25), test::peek<std::int64_t>(bytes, at(1, 25)));
       });
     },
     "overlaps object"},
    {"inside_object",
     [] {
       return poked([](std::string& bytes) {
         poke<std::int64_t>(bytes, at(0, 17), test::peek<std::int64_t>(bytes, at(1, 17)) + 100);
       });
     },
     "overlaps object 2"},
    {"over_object", with<std::int64_t>(at(0, 17), 9000), "overlaps object 2"},
    {"fstype_zero", with<std::int32_t>(at(1, 201), 0), "unknown file system type 0"},
    {"fstype_seven", with<std::int32_t>(at(1, 201), 7), "unknown file system type 7"},
    {"parttype_zero", with<std::int32_t>(at(1, 205), 0), "unknown partition type 0"},
    {"parttype_five", with<std::int32_t>(at(1, 205), 5), "unknown partition type 5"},
    {"two_primaries", with_objects({test::partition_of(1, 2, "x")}),
     "object 2 (partition 'root.part') and object 3 (partition 'root.part') are both primary"},
    {"other_arch", with<std::uint8_t>(46, '4'), "header says architecture arm64"},
    {"message_but_plain", with_objects({test::message_of(2)}), "which is not encrypted"},
    {"message_linked_to_other", only_objects({test::partition_of(6, 2, "x"), test::message_of(3)}),
     "no cryptographic message"},
    {"message_linked_to_group",
     only_objects({test::partition_of(6, 2, "x"), test::message_of(0xf0000001)}),
     "no cryptographic message"},
    {"two_messages",
     only_objects({test::partition_of(6, 2, "x"), test::message_of(1), test::message_of(1)}),
     "object 2 (cryptographic message) and object 3 (cryptographic message) are both linked"},
    {"two_messages_of_other_kind",
     only_objects(
         {test::partition_of(6, 2, "x"), test::message_of(1), test::message_of(1, 1, 0x100)}),
     "are both linked"},
    {"message_not_pem",
     only_objects({test::partition_of(6, 2, "x"), test::message_of(1, 1, 0x200)}),
     "not PEM with RSA-OAEP but format 1"},
    {"message_not_oaep",
     only_objects({test::partition_of(6, 2, "x"), test::message_of(1, 2, 0x100)}),
     "not PEM with RSA-OAEP"},
    {"message_too_big", only_objects({test::partition_of(6, 2, "x"), big_message()}),
     "65537 bytes"},
    {"message_empty", only_objects({test::partition_of(6, 2, "x"), empty_message()}), "0 bytes"},
    {"squashfs_reaches_out", only_objects({test::partition_of(1, 2, test::squashfs(4097))}),
     "says it has 4097 bytes, more than the object's 4096"},
    {"overlay_reaches_out", with_objects({test::partition_of(1, 4, test::squashfs(1ULL << 63U))}),
     "more than the object's 4096"},
    {"gocryptfs_reaches_out",
     only_objects({test::partition_of(6, 2, test::squashfs(5000)), test::message_of(1)}),
     "says it has 5000 bytes"},
    {"ext3_reaches_out", with_objects({test::partition_of(2, 4, ext_super(5))}),
     "says it has 5120 bytes"},
    {"wide_ext3_reaches_out", with_objects({test::partition_of(2, 4, wide_ext_super())}),
     "more than the object's 4096"},
    {"same_id_far_apart", with_objects({with_id(77), with_id(78), with_id(77)}), "the id 77"},
};

class Surgeries : public ::testing::TestWithParam<Surgery> {};

TEST_P(Surgeries, AreRefusedWithOneSentence) {
  const auto image = read(GetParam().image());
  ASSERT_FALSE(image) << "accepted";
  EXPECT_EQ(image.error().code(), Code::refused);
  EXPECT_THAT(image.error().what(), HasSubstr(GetParam().complaint));
  EXPECT_THAT(image.error().what(), Not(HasSubstr("\n")));
}

INSTANTIATE_TEST_SUITE_P(Sif, Surgeries, ::testing::ValuesIn(kSurgeries),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(ReadImage, TakesFileSystemsThatStayInside) {
  EXPECT_TRUE(read(only_objects({test::partition_of(1, 2, test::squashfs(4096))})()));
  EXPECT_TRUE(read(with_objects({test::partition_of(2, 4, ext_super(4))})()));
  EXPECT_TRUE(read(with_objects({test::partition_of(2, 4, "short")})()));
}

TEST(ReadImage, ForgivesAWriterThatMiscountedFreeDescriptors) {
  for (const std::int64_t free : {0, 5, 7, 8}) {
    EXPECT_TRUE(read(with<std::int64_t>(80, free)()));
  }
}

TEST(ReadImage, TakesAnArchitectureThatHeaderOrPartitionLeaveOut) {
  for (const auto& [header, partition] :
       {std::pair{"00", "02"}, {"02", "00"}, {"00", "00"}, {"02", ""}, {"99", "02"}}) {
    test::SifBuilder builder;
    builder.arch = header;
    builder.add(test::partition_of(1, 2, test::squashfs(), partition));
    const auto image = read(builder.build());
    ASSERT_TRUE(image) << image.error().line();
  }
}

}  // namespace
}  // namespace sifguard::sif
