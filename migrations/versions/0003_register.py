"""Framework versions, cases, plan versions, documents."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from moderation.database import UTCDateTime

revision: str = '0003'
down_revision: str | None = '0002'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('child_case',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('reference', sa.String(length=40), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_child_case_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_child_case')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_child_case_area_id_id')),
    sa.UniqueConstraint('area_id', 'reference', name=op.f('uq_child_case_area_id_reference')),
    )
    with op.batch_alter_table('child_case', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_child_case_area_id'), ['area_id'], unique=False)

    op.create_table('framework_version',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('draft', 'published', name='versionstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('content_sha256', sa.String(length=64), nullable=False),
    sa.Column('based_on_id', sa.String(length=40), nullable=True),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.Column('published_at', UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name=op.f('ck_framework_version_published_has_date')),
    sa.ForeignKeyConstraint(['area_id', 'based_on_id'], ['framework_version.area_id', 'framework_version.id'], name=op.f('fk_framework_version_area_id_based_on_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_framework_version_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_framework_version')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_framework_version_area_id_id')),
    sa.UniqueConstraint('area_id', 'number', name=op.f('uq_framework_version_area_id_number')),
    )
    with op.batch_alter_table('framework_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_framework_version_area_id'), ['area_id'], unique=False)

    op.create_table('plan_version',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('case_id', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('year_group', sa.Integer(), nullable=False),
    sa.Column('primary_need', sa.String(length=10), nullable=False),
    sa.Column('setting_type', sa.String(length=40), nullable=False),
    sa.Column('setting', sa.String(length=120), nullable=True),
    sa.Column('team', sa.String(length=80), nullable=True),
    sa.Column('plan_event', sa.String(length=40), nullable=False),
    sa.Column('requested_on', sa.Date(), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('dates', sa.JSON(), nullable=True),
    sa.Column('imported_at', UTCDateTime(), nullable=False),
    sa.Column('attested_at', UTCDateTime(), nullable=True),
    sa.Column('attested_by', sa.String(length=40), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(attested_at IS NULL) = (attested_by IS NULL)', name=op.f('ck_plan_version_attested_by_somebody')),
    sa.CheckConstraint('year_group BETWEEN -4 AND 20', name=op.f('ck_plan_version_year_group')),
    sa.ForeignKeyConstraint(['area_id', 'case_id'], ['child_case.area_id', 'child_case.id'], name=op.f('fk_plan_version_area_id_case_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_plan_version_area_id')),
    sa.ForeignKeyConstraint(['attested_by'], ['account.id'], name=op.f('fk_plan_version_attested_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_version')),
    sa.UniqueConstraint('area_id', 'case_id', 'number', name=op.f('uq_plan_version_area_id_case_id_number')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_plan_version_area_id_id')),
    )
    with op.batch_alter_table('plan_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_version_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_plan_version_case_id'), ['case_id'], unique=False)

    op.create_table('document',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('plan_version_id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.Enum('final_plan', 'section_k_advice', 'key_dates', 'other', name='documentkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('dated', sa.Date(), nullable=True),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('store_path', sa.String(length=200), nullable=False),
    sa.Column('wrapped_key', sa.String(length=200), nullable=True),
    sa.Column('uploaded_at', UTCDateTime(), nullable=False),
    sa.Column('uploaded_by', sa.String(length=40), nullable=True),
    sa.Column('rendered_at', UTCDateTime(), nullable=True),
    sa.Column('render_error', sa.String(length=200), nullable=True),
    sa.Column('erased_at', UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(erased_at IS NULL) = (wrapped_key IS NOT NULL)', name=op.f('ck_document_erased_or_stored')),
    sa.CheckConstraint('pages BETWEEN 1 AND 300', name=op.f('ck_document_pages')),
    sa.ForeignKeyConstraint(['area_id', 'plan_version_id'], ['plan_version.area_id', 'plan_version.id'], name=op.f('fk_document_area_id_plan_version_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_document_area_id')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['account.id'], name=op.f('fk_document_uploaded_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_document_area_id_id')),
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_plan_version_id'), ['plan_version_id'], unique=False)

    op.create_table('plan_hold',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('plan_version_id', sa.String(length=40), nullable=False),
    sa.Column('holder', sa.String(length=40), nullable=False),
    sa.Column('since', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['area_id', 'plan_version_id'], ['plan_version.area_id', 'plan_version.id'], name=op.f('fk_plan_hold_area_id_plan_version_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_plan_hold_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_hold')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_plan_hold_area_id_id')),
    sa.UniqueConstraint('area_id', 'plan_version_id', 'holder', name=op.f('uq_plan_hold_area_id_plan_version_id_holder')),
    )
    with op.batch_alter_table('plan_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_plan_hold_area_id'), ['area_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('plan_hold', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_hold_area_id'))

    op.drop_table('plan_hold')
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_document_plan_version_id'))
        batch_op.drop_index(batch_op.f('ix_document_area_id'))

    op.drop_table('document')
    with op.batch_alter_table('plan_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_plan_version_case_id'))
        batch_op.drop_index(batch_op.f('ix_plan_version_area_id'))

    op.drop_table('plan_version')
    with op.batch_alter_table('framework_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_framework_version_area_id'))

    op.drop_table('framework_version')
    with op.batch_alter_table('child_case', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_child_case_area_id'))

    op.drop_table('child_case')
