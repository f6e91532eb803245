"""Score sheets, ratings, revisions, concerns."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from moderation.database import UTCDateTime

revision: str = '0005'
down_revision: str | None = '0004'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('concern_contact',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_concern_contact_account_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_concern_contact_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concern_contact')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_concern_contact_area_id_id')),
    sa.UniqueConstraint('area_id', name=op.f('uq_concern_contact_area_id')),
    )
    with op.batch_alter_table('concern_contact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_concern_contact_area_id'), ['area_id'], unique=False)

    op.create_table('scoresheet',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('round_plan_id', sa.String(length=40), nullable=False),
    sa.Column('allocation_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('agency_id', sa.String(length=40), nullable=False),
    sa.Column('pass_number', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'submitted', 'locked', 'lapsed', name='sheetstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('started_at', UTCDateTime(), nullable=False),
    sa.Column('saved_at', UTCDateTime(), nullable=False),
    sa.Column('submitted_at', UTCDateTime(), nullable=True),
    sa.Column('reopened_reason', sa.String(length=500), nullable=True),
    sa.Column('withdrawn_at', UTCDateTime(), nullable=True),
    sa.Column('withdrawn_reason', sa.String(length=500), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state NOT IN ('submitted', 'locked') OR submitted_at IS NOT NULL", name=op.f('ck_scoresheet_submitted_has_time')),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)', name=op.f('ck_scoresheet_withdrawn_with_reason')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_scoresheet_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'agency_id'], ['agency.area_id', 'agency.id'], name=op.f('fk_scoresheet_area_id_agency_id')),
    sa.ForeignKeyConstraint(['area_id', 'allocation_id'], ['allocation.area_id', 'allocation.id'], name=op.f('fk_scoresheet_area_id_allocation_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_scoresheet_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_plan_id'], ['round_plan.area_id', 'round_plan.id'], name=op.f('fk_scoresheet_area_id_round_plan_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_scoresheet_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scoresheet')),
    sa.UniqueConstraint('allocation_id', name=op.f('uq_scoresheet_allocation_id')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_scoresheet_area_id_id')),
    sa.UniqueConstraint('round_plan_id', 'account_id', 'pass_number', name=op.f('uq_scoresheet_round_plan_id_account_id_pass_number')),
    )
    with op.batch_alter_table('scoresheet', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scoresheet_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_scoresheet_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_scoresheet_round_id'), ['round_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_scoresheet_round_plan_id'), ['round_plan_id'], unique=False)

    op.create_table('concern',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('sheet_id', sa.String(length=40), nullable=False),
    sa.Column('round_plan_id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.Enum('safeguarding', 'data_breach', name='concernkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('text', sa.String(length=2000), nullable=False),
    sa.Column('raised_by', sa.String(length=40), nullable=False),
    sa.Column('raised_at', UTCDateTime(), nullable=False),
    sa.Column('sent_to', sa.String(length=40), nullable=False),
    sa.Column('handled_by', sa.String(length=40), nullable=True),
    sa.Column('handled_at', UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(handled_at IS NULL) = (handled_by IS NULL)', name=op.f('ck_concern_handled')),
    sa.ForeignKeyConstraint(['area_id', 'round_plan_id'], ['round_plan.area_id', 'round_plan.id'], name=op.f('fk_concern_area_id_round_plan_id')),
    sa.ForeignKeyConstraint(['area_id', 'sheet_id'], ['scoresheet.area_id', 'scoresheet.id'], name=op.f('fk_concern_area_id_sheet_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_concern_area_id')),
    sa.ForeignKeyConstraint(['handled_by'], ['account.id'], name=op.f('fk_concern_handled_by')),
    sa.ForeignKeyConstraint(['raised_by'], ['account.id'], name=op.f('fk_concern_raised_by')),
    sa.ForeignKeyConstraint(['sent_to'], ['account.id'], name=op.f('fk_concern_sent_to')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concern')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_concern_area_id_id')),
    )
    with op.batch_alter_table('concern', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_concern_area_id'), ['area_id'], unique=False)

    op.create_table('rating',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('sheet_id', sa.String(length=40), nullable=False),
    sa.Column('criterion_key', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('non_score', sa.Enum('not_applicable', 'no_evidence', 'outside_discipline', name='nonscore', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('evidence', sa.String(length=4000), nullable=False),
    sa.Column('quote', sa.String(length=2000), nullable=False),
    sa.Column('quote_place', sa.String(length=200), nullable=False),
    sa.Column('confidence', sa.Enum('sure', 'fairly_sure', 'not_sure', name='confidence', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('note_to_self', sa.String(length=2000), nullable=False),
    sa.Column('left_for_now', sa.Boolean(), nullable=False),
    sa.Column('saved_at', UTCDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('value IS NULL OR non_score IS NULL', name=op.f('ck_rating_one_answer')),
    sa.ForeignKeyConstraint(['area_id', 'sheet_id'], ['scoresheet.area_id', 'scoresheet.id'], name=op.f('fk_rating_area_id_sheet_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_rating_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_rating_area_id_id')),
    sa.UniqueConstraint('sheet_id', 'criterion_key', name=op.f('uq_rating_sheet_id_criterion_key')),
    )
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rating_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_rating_sheet_id'), ['sheet_id'], unique=False)

    op.create_table('rating_revision',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('rating_id', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('non_score', sa.Enum('not_applicable', 'no_evidence', 'outside_discipline', name='nonscore', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('evidence', sa.String(length=4000), nullable=False),
    sa.Column('quote', sa.String(length=2000), nullable=False),
    sa.Column('quote_place', sa.String(length=200), nullable=False),
    sa.Column('confidence', sa.Enum('sure', 'fairly_sure', 'not_sure', name='confidence', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('note_to_self', sa.String(length=2000), nullable=False),
    sa.Column('saved_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['area_id', 'rating_id'], ['rating.area_id', 'rating.id'], name=op.f('fk_rating_revision_area_id_rating_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_rating_revision_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rating_revision')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_rating_revision_area_id_id')),
    sa.UniqueConstraint('rating_id', 'version', name=op.f('uq_rating_revision_rating_id_version')),
    )
    with op.batch_alter_table('rating_revision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rating_revision_area_id'), ['area_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('rating_revision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rating_revision_area_id'))

    op.drop_table('rating_revision')
    with op.batch_alter_table('rating', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_rating_sheet_id'))
        batch_op.drop_index(batch_op.f('ix_rating_area_id'))

    op.drop_table('rating')
    with op.batch_alter_table('concern', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_concern_area_id'))

    op.drop_table('concern')
    with op.batch_alter_table('scoresheet', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scoresheet_round_plan_id'))
        batch_op.drop_index(batch_op.f('ix_scoresheet_round_id'))
        batch_op.drop_index(batch_op.f('ix_scoresheet_area_id'))
        batch_op.drop_index(batch_op.f('ix_scoresheet_account_id'))

    op.drop_table('scoresheet')
    with op.batch_alter_table('concern_contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_concern_contact_area_id'))

    op.drop_table('concern_contact')
