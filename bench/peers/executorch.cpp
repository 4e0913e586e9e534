// ExecuTorch behind C functions: a method of one float32 input and one float32 output. Compiled and
// loaded by bench/peers/executorch_run.py, against the headers and libraries of its wheel.
#include <executorch/extension/data_loader/mmap_data_loader.h>
#include <executorch/extension/memory_allocator/malloc_memory_allocator.h>
#include <executorch/extension/threadpool/threadpool_guard.h>
#include <executorch/runtime/executor/program.h>
#include <executorch/runtime/platform/runtime.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

using executorch::extension::MallocMemoryAllocator;
using executorch::extension::MmapDataLoader;
using executorch::extension::threadpool::NoThreadPoolGuard;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using executorch::runtime::HierarchicalAllocator;
using executorch::runtime::MemoryManager;
using executorch::runtime::Method;
using executorch::runtime::Program;
using executorch::runtime::Result;
using executorch::runtime::Span;
using executorch::runtime::etensor::Tensor;
using executorch::runtime::etensor::TensorImpl;

namespace {

// Unwraps, or throws the error: only open() does, and it catches.
template <typename T>
T taken(Result<T> result)
{
    if (!result.ok()) throw result.error();
    return std::move(result.get());
}

class Model {
  public:
    explicit Model(const char *path)
        : loader_(taken(MmapDataLoader::from(path, MmapDataLoader::MlockConfig::NoMlock))),
          program_(taken(Program::load(&loader_)))
    {
        const auto meta = taken(program_.method_meta("forward"));
        for (size_t i = 0; i < meta.num_memory_planned_buffers(); i++) {
            const auto size = taken(meta.memory_planned_buffer_size(i));
            memory_.emplace_back(static_cast<size_t>(size));
            planned_.emplace_back(memory_.back().data(), memory_.back().size());
        }
        plan_.emplace(Span<Span<uint8_t>>(planned_.data(), planned_.size()));
        manager_.emplace(&allocator_, &*plan_, &temporary_);
        method_.emplace(taken(program_.load_method("forward", &*manager_)));
        const auto input = taken(meta.input_tensor_meta(0));
        sizes_.assign(input.sizes().begin(), input.sizes().end());
        order_.assign(input.dim_order().begin(), input.dim_order().end());
        input_.resize(input.nbytes() / sizeof(float));
        tensor_.emplace(input.scalar_type(), static_cast<ssize_t>(sizes_.size()), sizes_.data(),
                        input_.data(), order_.data());
    }

    float *input() { return input_.data(); }

    const float *output() const
    {
        return method_->get_output(0).toTensor().const_data_ptr<float>();
    }

    // What an app does for each window: an input that ExecuTorch has planned memory for is copied.
    Error run()
    {
        const Error error = method_->set_input(EValue(Tensor(&*tensor_)), 0);
        return error == Error::Ok ? method_->execute() : error;
    }

  private:
    MmapDataLoader loader_;
    Program program_;
    std::vector<std::vector<uint8_t>> memory_;
    std::vector<Span<uint8_t>> planned_;
    MallocMemoryAllocator allocator_, temporary_;
    std::optional<HierarchicalAllocator> plan_;
    std::optional<MemoryManager> manager_;
    std::optional<Method> method_;
    std::vector<TensorImpl::SizesType> sizes_;
    std::vector<TensorImpl::DimOrderType> order_;
    std::vector<float> input_;
    std::optional<TensorImpl> tensor_;
};

} // namespace

extern "C" {

// Before anything else, in the thread that calls: it computes alone.
void bench_executorch_start()
{
    executorch::runtime::runtime_init();
    NoThreadPoolGuard::set_enabled(true);
}

// Loads `forward` of a file; NULL with an executorch::runtime::Error in *error where it fails.
Model *bench_executorch_open(const char *path, uint32_t *error)
{
    try {
        return std::make_unique<Model>(path).release();
    } catch (Error failed) {
        *error = static_cast<uint32_t>(failed);
        return nullptr;
    }
}

void bench_executorch_close(Model *model) { delete model; }

// Memory of the model's, as many numbers as its input has.
float *bench_executorch_input(Model *model) { return model->input(); }

// 0, or an executorch::runtime::Error.
uintptr_t bench_executorch_run(Model *model) { return static_cast<uintptr_t>(model->run()); }

// What the last run computed, until the next one.
const float *bench_executorch_output(const Model *model) { return model->output(); }

} // extern "C"
