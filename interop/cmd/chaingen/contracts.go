package main

import (
	"encoding/binary"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/vm"
)

// What the first byte of the calldata makes the emitter do; the rest of the calldata is the data of its logs.
const (
	emitMany = 5 // three logs, of three, zero and four topics; below 5: one log with as many topics
	doRevert = 6
	doAbort  = 7 // INVALID: takes all the gas
)

// No PUSH0 in here: the code must run from Paris on.
var emitterCode = assembleEmitter()

// depositCode logs its calldata as a deposit event, whatever it is.
var depositCode = concat(
	op(vm.CALLDATASIZE, vm.PUSH1, 0, vm.PUSH1, 0, vm.CALLDATACOPY),
	op(vm.PUSH32), common.FromHex("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5"),
	op(vm.CALLDATASIZE, vm.PUSH1, 0, vm.LOG1, vm.STOP),
)

func assembleEmitter() []byte {
	code := op(
		vm.CALLDATASIZE, vm.PUSH1, 5, vm.JUMPI, vm.STOP, vm.JUMPDEST,
		vm.PUSH1, 1, vm.CALLDATASIZE, vm.SUB, // size of the data
		vm.DUP1, vm.PUSH1, 1, vm.PUSH1, 0, vm.CALLDATACOPY,
		vm.PUSH1, 0, vm.CALLDATALOAD, vm.PUSH1, 0, vm.BYTE, // size, kind
	)
	actions := [][]byte{
		emitLog(0), emitLog(1), emitLog(2), emitLog(3), emitLog(4),
		concat(emitLog(3), emitLog(0), emitLog(4)),
		op(vm.PUSH1, 0, vm.REVERT),
		op(vm.INVALID),
	}
	const entryBytes = 8
	position := len(code) + entryBytes*len(actions) + 1
	var bodies []byte
	for kind, action := range actions {
		code = append(code, op(vm.DUP1, vm.PUSH1, kind, vm.EQ, vm.PUSH2, 0, 0, vm.JUMPI)...)
		binary.BigEndian.PutUint16(code[len(code)-3:], uint16(position+len(bodies)))
		// A word of the storage changes too, so that the state root tells that the transaction was executed.
		body := concat(op(vm.JUMPDEST, vm.POP), action, op(vm.NUMBER, vm.CALLDATASIZE, vm.SSTORE, vm.STOP))
		bodies = append(bodies, body...)
	}
	return concat(code, op(vm.STOP), bodies)
}

// emitLog logs memory from 0 to the size that lies on the stack, and leaves the size there.
func emitLog(topics int) []byte {
	pushes := []vm.OpCode{vm.CALLER, vm.NUMBER, vm.TIMESTAMP, vm.CALLVALUE}
	code := op()
	for i := topics - 1; i >= 0; i-- {
		code = append(code, byte(pushes[i]))
	}
	return append(code, op(vm.DUP1+vm.OpCode(topics), vm.PUSH1, 0, vm.LOG0+vm.OpCode(topics))...)
}

// deployer is init code that logs once and leaves the runtime code behind, or reverts.
func deployer(runtime []byte, fail bool) []byte {
	last := op(vm.RETURN)
	if fail {
		last = op(vm.REVERT)
	}
	const headBytes = 20
	return concat(
		op(vm.ADDRESS, vm.PUSH1, 0, vm.PUSH1, 0, vm.LOG1),
		op(vm.PUSH2, len(runtime)>>8, len(runtime)&0xff, vm.PUSH1, headBytes, vm.PUSH1, 0, vm.CODECOPY),
		op(vm.PUSH2, len(runtime)>>8, len(runtime)&0xff, vm.PUSH1, 0), last,
		runtime,
	)
}

// op assembles op codes and immediate bytes.
func op(parts ...any) []byte {
	code := make([]byte, 0, len(parts))
	for _, part := range parts {
		switch part := part.(type) {
		case vm.OpCode:
			code = append(code, byte(part))
		case int:
			code = append(code, byte(part))
		}
	}
	return code
}

func concat(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}
