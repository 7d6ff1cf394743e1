// The request that is made of what Slurm says, as the helper will read it.
#include "spank_plugin/step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sifguard/paths.h>

#include "helper/request/request.h"
#include "tests/unit/spank_plugin/fake_spank.h"

namespace sifguard {
namespace {

using fake::give;
using fake::slurm;
using fake::start;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<char>& buffer() {
  static std::vector<char> bytes(wire::kMaxMessage);
  return bytes;
}

Request request_of_slurm() {
  Step step;
  const char* missing = read_step(fake::handle(), step);
  EXPECT_EQ(missing, nullptr) << missing;
  const std::size_t size = write_request(step, options(), "/home/alice", "node7", buffer());
  const auto request = decode_request({buffer().data(), size});
  EXPECT_TRUE(request.has_value()) << request.error().line();
  return request.value_or(Request{});
}

TEST(Step, BecomesTheRequest) {
  start(S_CTX_REMOTE);
  give("sif-verify", "images/x.sif");
  give("sif-bind", "/a,/b:/c:ro,d");
  const Request request = request_of_slurm();
  EXPECT_EQ(request.uid, 1001U);
  EXPECT_EQ(request.gid, 1002U);
  EXPECT_THAT(request.groups, ElementsAre(1002, 2000));
  EXPECT_EQ(request.job, 42U);
  EXPECT_EQ(request.step, 0U);
  EXPECT_EQ(request.node_id, 1U);
  EXPECT_EQ(request.cwd, "/home/alice");
  EXPECT_EQ(request.node, "node7");
  EXPECT_EQ(request.image, "images/x.sif");
  EXPECT_THAT(request.binds, ElementsAre("/a", "/b:/c:ro", "d"));
  EXPECT_EQ(request.batch_script, "");
  EXPECT_TRUE(request.variables.empty());
  EXPECT_EQ(request.signer + request.workdir, "");
  EXPECT_FALSE(request.quiet || request.run || request.nv || request.rocm || request.contain);
}

TEST(Step, EveryOptionReachesTheRequest) {
  start(S_CTX_REMOTE);
  give("sif-verify", "/x.sif");
  give("sif-signer", "spki:00");
  give("sif-action", "run");
  give("sif-workdir", "/work");
  give("sif-env", "A=1,B,C=x=y");
  Request request = request_of_slurm();
  EXPECT_EQ(request.signer, "spki:00");
  EXPECT_EQ(request.workdir, "/work");
  EXPECT_THAT(request.variables, ElementsAre("A=1", "B", "C=x=y"));
  EXPECT_TRUE(request.run);
  EXPECT_FALSE(request.nv || request.rocm || request.contain || request.quiet);
  give("sif-action", "exec");
  give("sif-nv", nullptr);
  request = request_of_slurm();
  EXPECT_TRUE(request.nv);
  EXPECT_FALSE(request.run || request.rocm || request.contain);
  give("sif-rocm", nullptr);
  give("sif-contain", nullptr);
  request = request_of_slurm();
  EXPECT_TRUE(request.nv && request.rocm && request.contain);
}

TEST(Step, IsTheSameForEveryTask) {
  start(S_CTX_REMOTE);
  give("sif-verify", "/x.sif");
  (void)request_of_slurm();
  const std::string first(buffer().data(), 200);
  slurm().task = 17;
  slurm().local_task = 3;
  (void)request_of_slurm();
  EXPECT_EQ(std::string(buffer().data(), 200), first);
}

TEST(Step, WithoutBindsAndGroups) {
  start(S_CTX_REMOTE);
  give("sif-verify", "/x.sif");
  give("sif-quiet", "");
  slurm().groups.clear();
  const Request request = request_of_slurm();
  EXPECT_TRUE(request.binds.empty());
  EXPECT_TRUE(request.groups.empty());
  EXPECT_TRUE(request.quiet);
}

TEST(Step, BatchStepNamesItsScript) {
  start(S_CTX_REMOTE);
  give("sif-verify", "/x.sif");
  slurm().step = SLURM_BATCH_SCRIPT;
  slurm().argv = {"/var/spool/slurmd/job00042/slurm_script", "argument"};
  EXPECT_EQ(request_of_slurm().batch_script, "/var/spool/slurmd/job00042/slurm_script");
}

TEST(Step, OrdinaryStepNamesNoScript) {
  start(S_CTX_REMOTE);
  give("sif-verify", "/x.sif");
  slurm().step = SLURM_INTERACTIVE_STEP;
  slurm().argv = {"/bin/bash"};
  EXPECT_EQ(request_of_slurm().batch_script, "");
}

TEST(Step, EveryMissingFactIsNamed) {
  for (const spank_item_t item :
       {S_JOB_UID, S_JOB_GID, S_JOB_SUPPLEMENTARY_GIDS, S_JOB_ID, S_JOB_STEPID, S_JOB_NODEID}) {
    start(S_CTX_REMOTE);
    slurm().unavailable = {item};
    Step step;
    EXPECT_NE(read_step(fake::handle(), step), nullptr) << item;
  }
}

TEST(Step, BatchStepWithoutAnAbsoluteScriptIsRefused) {
  for (const std::vector<std::string>& argv :
       {std::vector<std::string>{}, std::vector<std::string>{"script"}}) {
    start(S_CTX_REMOTE);
    slurm().step = SLURM_BATCH_SCRIPT;
    slurm().argv = argv;
    Step step;
    EXPECT_STREQ(read_step(fake::handle(), step), "the batch script's path");
  }
}

TEST(Step, TooManyGroupsDoNotFit) {
  start(S_CTX_REMOTE);
  give("sif-verify", "/x.sif");
  slurm().groups.assign(wire::kMaxMessage / sizeof(gid_t), 1);
  Step step;
  ASSERT_EQ(read_step(fake::handle(), step), nullptr);
  EXPECT_EQ(write_request(step, options(), "/", "n", buffer()), 0U);
}

TEST(Step, KnowsAnOciContainer) {
  start(S_CTX_REMOTE);
  EXPECT_FALSE(is_oci_container(fake::handle()));
  slurm().environment = {"A=1", "SLURM_CONTAINER=/bundle"};
  EXPECT_TRUE(is_oci_container(fake::handle()));
  slurm().environment = {"SLURM_CONTAINER=", "SLURM_CONTAINER_ID=x", "XSLURM_CONTAINER=/b"};
  EXPECT_FALSE(is_oci_container(fake::handle()));
}

TEST(Step, KnowsTheExternStep) {
  start(S_CTX_REMOTE);
  EXPECT_FALSE(is_extern_step(fake::handle()));
  slurm().step = SLURM_EXTERN_CONT;
  EXPECT_TRUE(is_extern_step(fake::handle()));
}

TEST(Step, IsOurOwnOnlyOfRootAndOfOurProgram) {
  const std::string program = SIFGUARD_LIBEXEC_DIR "/sifguard-prefetch";
  const auto is_one = [](uid_t uid, std::vector<std::string> argv, std::uint32_t step = 0) {
    start(S_CTX_REMOTE);
    slurm().uid = uid;
    slurm().argv = std::move(argv);
    slurm().step = step;
    return is_own_step(fake::handle());
  };
  EXPECT_TRUE(is_one(0, {program, "--config", "/etc/x", "/a.sif"}));
  EXPECT_TRUE(is_one(0, {SIFGUARD_LIBEXEC_DIR "/sifguard-node-status"}));
  EXPECT_FALSE(is_one(1001, {SIFGUARD_LIBEXEC_DIR "/sifguard-node-status"}));
  EXPECT_FALSE(is_one(0, {SIFGUARD_LIBEXEC_DIR "/sifguard-helper"}));
  EXPECT_FALSE(is_one(1001, {program, "/a.sif"}));
  EXPECT_FALSE(is_one(0, {"/bin/sh", "-c", program}));
  EXPECT_FALSE(is_one(0, {"sifguard-prefetch", "/a.sif"}));
  EXPECT_FALSE(is_one(0, {program + "2", "/a.sif"}));
  EXPECT_FALSE(is_one(0, {"/tmp/../" + program, "/a.sif"}));
  EXPECT_FALSE(is_one(0, {}));
  EXPECT_FALSE(is_one(0, {program}, SLURM_BATCH_SCRIPT));
  for (const int item : {S_JOB_UID, S_JOB_ARGV, S_JOB_STEPID}) {
    is_one(0, {program});
    slurm().unavailable = {item};
    EXPECT_FALSE(is_own_step(fake::handle())) << item;
  }
}

}  // namespace
}  // namespace sifguard
